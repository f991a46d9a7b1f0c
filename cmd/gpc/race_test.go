//go:build race

package main

// raced is that the race detector is on, which multiplies what a program needs.
const raced = true
