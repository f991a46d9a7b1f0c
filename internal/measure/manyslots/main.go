// Command manyslots searches the slots of thousands of simulated practices,
// each of which takes its time to answer, and holds three things: every
// practice is accounted for, the time is near what it would be if nothing but the
// practices took any (the sum of their delays, divided by how many are asked at once), and the
// client, a process of its own, stays small.
//
//	go run ./internal/measure/manyslots -practices 6500 -concurrent 256
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"
	_ "time/tzdata"
)

// childVariable makes this program the client.
const childVariable = "GPC_MANYSLOTS_CHILD"

// limits that the run is held to.
const (
	mostTime   = 1.2
	mostMemory = 64 << 20
)

func main() {
	if os.Getenv(childVariable) != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, "manyslots:", err)
			os.Exit(1)
		}
		return
	}
	practices := flag.Int("practices", 6500, "how many")
	concurrent := flag.Int("concurrent", 256, "how many are asked at once")
	slots := flag.Int("slots", 12, "that each practice has")
	hosts := flag.Int("hosts", 40, "that serve the practices")
	failing := flag.Int("failing", 50, "one practice in so many does not answer well; 0 for none")
	flag.Parse()
	ok, err := measure(*practices, *concurrent, *slots, *hosts, *failing)
	if err != nil {
		fmt.Fprintln(os.Stderr, "manyslots:", err)
		os.Exit(1)
	}
	if !ok {
		os.Exit(1)
	}
}

// task is what the client needs to know.
type task struct {
	Proxy                        string
	Roots                        []byte
	Practices, Concurrent, Hosts int
}

// report is what the client found.
type report struct {
	Answered, Failed, Slots int
	Took                    time.Duration
	Resident                int64 // bytes, at most
	CPU                     time.Duration
}

func measure(practices, concurrent, slots, hosts, failing int) (bool, error) {
	s, err := serve(slots, failing)
	if err != nil {
		return false, err
	}
	defer s.close()
	var r report
	if err := run(task{s.url, s.roots, practices, concurrent, hosts}, &r); err != nil {
		return false, err
	}
	ideal := time.Duration(0)
	wantFailed := 0
	for n := range practices {
		ideal += delay(n)
		if failing > 0 && n%failing == failing-1 {
			wantFailed++
		}
	}
	ideal /= time.Duration(concurrent)
	ratio := r.Took.Seconds() / ideal.Seconds()
	fmt.Printf("%d practices, %d at once, answers after 100 to 300 ms of %d bytes: %d answered with %d slots, %d did not\n",
		practices, concurrent, s.size, r.Answered, r.Slots, r.Failed)
	fmt.Printf("%.2f s, ideal %.2f s, ratio %.2f (at most %.1f); %.1f MB resident (at most %d); %.1f s of processor\n",
		r.Took.Seconds(), ideal.Seconds(), ratio, mostTime, float64(r.Resident)/(1<<20), mostMemory>>20, r.CPU.Seconds())
	ok := r.Answered == practices-wantFailed && r.Failed == wantFailed && r.Slots == r.Answered*slots && ratio <= mostTime && r.Resident <= mostMemory
	if !ok {
		fmt.Printf("that is not within the limits: %d should have answered, %d not\n", practices-wantFailed, wantFailed)
	}
	return ok, nil
}

// run lets the client do its work in a process of its own.
func run(t task, r *report) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	input, err := json.Marshal(t)
	if err != nil {
		return err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(r); err != nil {
		_ = cmd.Wait()
		return err
	}
	return cmd.Wait()
}

// delay is how long the n-th practice takes, from 100 to 300 ms.
func delay(n int) time.Duration {
	return 100*time.Millisecond + time.Duration(n*7919%200_000)*time.Microsecond
}
