package main

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if child() != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestTurns: both sides send the same, and are measured.
func TestTurns(t *testing.T) {
	s, err := newStage(1 << 10)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	v, err := s.sides(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer v.close()
	m, err := v.turns(3, 2, 20, 2, 1<<10)
	if err != nil || m.full <= 0 || m.bare <= 0 || m.sync <= 0 || m.synced <= 0 {
		t.Errorf("got %+v, %v", m, err)
	}
	if got, want := v.full.attempts.Load(), int64(1+4*20); got != want {
		t.Errorf("gpc made %d attempts, want %d", got, want)
	}
	if _, err := v.turns(1, 1, 2, 0, 1); err == nil {
		t.Error("answers of another length are not noticed")
	}
}
