package main

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		child()
		return
	}
	os.Exit(m.Run())
}

// TestBookings tells some of the stories; the command tells a thousand.
func TestBookings(t *testing.T) {
	seeds := 60
	if testing.Short() {
		seeds = 10
	}
	told, err := simulate(t.Context(), 1, seeds, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range told.wrong {
		t.Error(w)
	}
	if told.stories != seeds || told.killed == 0 || told.mostSent != 1 || told.mostBooked != 1 {
		t.Errorf("%d stories, %d processes killed, sent %d times and booked %d times for one intent", told.stories, told.killed, told.mostSent, told.mostBooked)
	}
}
