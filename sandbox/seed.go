package sandbox

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
)

// Seed is what the deliberate differences are drawn from: the same seed makes the same ones.
func (s *Server) Seed() uint64 { return s.seed }

// seedOfRun is the seed of every sandbox whose Config names none, for runs of tests that are
// to be repeated. It is set when the tests are linked:
//
//	go test -ldflags "-X github.com/gpconnect-go/gpc/sandbox.seedOfRun=42" ./...
var seedOfRun string

// seedOf reads seedOfRun; without one it draws a seed.
func seedOf(text string) (uint64, error) {
	if text == "" {
		var b [8]byte
		rand.Read(b[:])
		return max(1, binary.LittleEndian.Uint64(b[:])%1_000_000_000), nil // short enough to type
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil || seed == 0 {
		return 0, fmt.Errorf("sandbox: the seed of the run is %q, and not a number from 1", text)
	}
	return seed, nil
}
