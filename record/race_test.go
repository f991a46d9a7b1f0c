//go:build race

package record

// raced is that the race detector is on.
const raced = true
