// Command bookings books appointments at a sandbox while answers are lost
// before and after the deed, deeds are done late, proxies time out, repeat
// requests or answer with pages, readings fail, others take the slot, and the booking process is
// killed with SIGKILL between any two steps and resumed by another, or a practice makes what it
// was given up for. It counts, for every
// intent, how often it was sent and how often the sandbox has it, holds every answer and every
// settled outcome against the sandbox, and prints what came of what.
//
//	go run ./internal/measure/bookings -seeds 1000
//
// Each seed is one story; a story that went wrong is printed with its seed, and
// -seed runs it again (how threads interleave is not the seed's to say).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"
	_ "time/tzdata"
)

func main() {
	if os.Getenv(childVariable) != "" {
		child()
		return
	}
	seeds := flag.Int("seeds", 1000, "number of stories")
	first := flag.Uint64("seed", 1, "seed of the first one")
	workers := flag.Int("workers", 4, "stories at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	began := time.Now()
	t, err := simulate(ctx, *first, *seeds, *workers)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bookings:", err)
		os.Exit(1)
	}
	t.print(os.Stdout)
	fmt.Printf("%d stories in %v\n", t.stories, time.Since(began).Round(time.Second))
	if len(t.wrong) > 0 || t.stories != *seeds {
		os.Exit(1)
	}
}

// simulate tells the stories of that many seeds, several at once.
func simulate(ctx context.Context, first uint64, seeds, workers int) (*table, error) {
	t := &table{rows: map[string]map[ending]int{}}
	todo := make(chan uint64)
	failed := make(chan error, workers)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			w, err := newWorld(ctx)
			if err != nil {
				failed <- err
				return
			}
			defer w.close()
			for seed := range todo {
				t.add(w.tell(ctx, seed))
			}
		})
	}
	var err error
	for n := range uint64(seeds) {
		select {
		case todo <- first + n:
			continue
		case err = <-failed:
		case <-ctx.Done():
			err = ctx.Err()
		}
		break
	}
	close(todo)
	group.Wait()
	return t, err
}

// An ending is how a story's first booking ended.
type ending string

const (
	answered    ending = "booked"         // by a definite answer
	recovered   ending = "recovered"      // the answer was lost, and the booking found at once
	refused     ending = "refused"        // by a definite answer, or nothing was sent
	laterDone   ending = "later done"     // unknown at first, or the process died; settled as done
	laterNot    ending = "later not done" // the same, settled as not done
	afterAll    ending = "after all"      // settled as not done, and then done all the same
	notUnderway ending = "died unbegun"   // before there was an intent
	diedSettled ending = "died settled"   // after the outcome was in the journal
)

var endings = []ending{answered, recovered, refused, laterDone, laterNot, afterAll, notUnderway, diedSettled}

// table is what came of what.
type table struct {
	mu      sync.Mutex
	stories int
	rows    map[string]map[ending]int
	wrong   []string

	killed, intents, sent, readings int
	mostSent, mostBooked            int // of one intent
}

func (t *table) add(s *story) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stories++
	if t.rows[s.plan.post] == nil {
		t.rows[s.plan.post] = map[ending]int{}
	}
	t.rows[s.plan.post][s.ending]++
	t.killed += s.killed
	t.intents += s.intents
	t.sent += s.posts()
	t.readings += int(s.reads.Load())
	t.mostSent, t.mostBooked = max(t.mostSent, s.mostSent), max(t.mostBooked, s.mostBooked)
	for _, w := range s.wrong {
		plan, _ := json.Marshal(s.plan.told())
		t.wrong = append(t.wrong, fmt.Sprintf("seed %d %s: %s", s.seed, plan, w))
	}
}

func (t *table) print(out *os.File) {
	fmt.Fprintf(out, "%-34s", "what became of the request")
	for _, e := range endings {
		fmt.Fprintf(out, "%16s", e)
	}
	fmt.Fprintln(out)
	var names []string
	for name := range t.rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(out, "%-34s", name)
		for _, e := range endings {
			fmt.Fprintf(out, "%16d", t.rows[name][e])
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "\n%d stories, %d intents, %d requests sent, %d readings, %d processes killed\n", t.stories, t.intents, t.sent, t.readings, t.killed)
	fmt.Fprintf(out, "sent for one intent: at most %d; booked for one intent: at most %d; wrong: %d\n", t.mostSent, t.mostBooked, len(t.wrong))
	for _, w := range t.wrong {
		fmt.Fprintln(out, w)
	}
}
