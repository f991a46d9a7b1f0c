// Command sandbox measures the sandbox as who uses it meets it: how long it takes to start,
// how much memory it holds while nobody asks, and how many structured records a second it
// answers, with the load generator on the same two cores. Each number is printed beside what
// is allowed; it exits 1 when one is not kept.
//
//	go run ./internal/measure/sandbox
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

// allowed are the limits, each of which can be set for a slower machine.
type allowed struct {
	start  time.Duration // median, from Start to ready
	idle   int           // MiB resident
	answer float64       // answers a second
}

func main() {
	var a allowed
	starts := flag.Int("starts", 100, "how often it is started")
	load := flag.Duration("load", 3*time.Second, "how long it is asked for records, each time")
	rounds := flag.Int("rounds", 3, "how often; the best counts, as others may use the machine")
	flag.DurationVar(&a.start, "most-start", 25*time.Millisecond, "the longest that starting may take, median")
	flag.IntVar(&a.idle, "most-idle", 60, "the most memory that it may hold idle, in MiB")
	flag.Float64Var(&a.answer, "least-answers", 2000, "the fewest answers a second")
	flag.Parse()
	if err := measure(*starts, *rounds, *load, a); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func measure(starts, rounds int, load time.Duration, a allowed) error {
	if runtime.NumCPU() > 2 {
		runtime.GOMAXPROCS(1) // the child has the other of two
	}
	took, err := startings(starts)
	if err != nil {
		return err
	}
	fmt.Printf("start to ready: median %v, slowest %v, of %d; allowed %v\n", median(took), took[len(took)-1], len(took), a.start)
	c, err := startChild()
	if err != nil {
		return err
	}
	defer c.end()
	fmt.Printf("gpc sandbox, from the command to its first line: %v\n", c.took)
	idle, err := resident(c.process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("resident memory idle: %d MiB; allowed %d MiB\n", idle, a.idle)
	var best result
	for range rounds {
		r, err := ask(c.dir, load)
		if err != nil {
			return err
		}
		fmt.Printf("structured records, %d octets each: %.0f a second, %.0f MB a second; wanted %.0f\n", r.octets, r.rate(), r.rate()*float64(r.octets)/1e6, a.answer)
		if r.rate() > best.rate() {
			best = r
		}
	}
	after, err := resident(c.process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("resident memory afterwards: %d MiB\n", after)
	return errors.Join(
		exceeds(median(took) > a.start, "starting takes longer than allowed"),
		exceeds(idle > a.idle, "the idle sandbox holds more memory than allowed"),
		exceeds(best.rate() < a.answer, "fewer answers a second than wanted"),
	)
}

func exceeds(is bool, text string) error {
	if is {
		return errors.New(text)
	}
	return nil
}
