// Command startup measures how long `gpc version` takes beside a bare cobra
// program: both are built, then run in turn, and the ratio of the medians is
// printed. It exits 1 when the ratio is above -most.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	runs := flag.Int("runs", 200, "pairs of runs")
	most := flag.Float64("most", 1.5, "the largest ratio that is allowed")
	flag.Parse()
	if err := measure(*runs, *most); err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
}

func measure(runs int, most float64) error {
	dir, err := os.MkdirTemp("", "startup-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const module = "github.com/gpconnect-go/gpc/"
	gpc, bare := filepath.Join(dir, "gpc"), filepath.Join(dir, "bare")
	for program, pkg := range map[string]string{gpc: module + "cmd/gpc", bare: module + "internal/measure/startup/bare"} {
		if out, err := exec.Command("go", "build", "-o", program, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	var ours, theirs []time.Duration
	for i := range runs + 5 {
		a, err := once(gpc)
		if err != nil {
			return err
		}
		b, err := once(bare)
		if err != nil {
			return err
		}
		if i >= 5 { // the first ones warm the page cache
			ours, theirs = append(ours, a), append(theirs, b)
		}
	}
	a, b := median(ours), median(theirs)
	ratio := float64(a) / float64(b)
	fmt.Printf("gpc version %v, bare cobra %v (medians of %d runs in turn): ratio %.2f, allowed %.2f\n", a, b, runs, ratio, most)
	if ratio > most {
		return fmt.Errorf("starting takes %.2f times a bare program", ratio)
	}
	return nil
}

func once(program string) (time.Duration, error) {
	start := time.Now()
	err := exec.Command(program, "version").Run()
	return time.Since(start), err
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
