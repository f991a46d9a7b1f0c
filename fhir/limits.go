package fhir

import (
	"bytes"
	"math"
)

// Limits bound what a document may cost. A zero field means its default.
type Limits struct {
	Bytes   int64 // of the whole document; default 256 MiB, never more than 4 GiB
	Depth   int   // of nested objects and lists; default 100 (records nest about 15 deep)
	Entries int   // of a Bundle; default 250,000 (the largest records have a few thousand)
	Values  int   // objects and lists in all; default 1,000,000 (records have one in 100 bytes)
}

const (
	defaultBytes   = 256 << 20
	defaultDepth   = 100
	defaultEntries = 250_000
	defaultValues  = 1_000_000
)

// withDefaults also keeps Bytes within what the index can address with 32 bits.
func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	l.Bytes = min(l.Bytes, math.MaxUint32)
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Entries <= 0 {
		l.Entries = defaultEntries
	}
	if l.Values <= 0 {
		l.Values = defaultValues
	}
	return l
}

// tooDeep returns where data nests deeper than limit, or -1. It expects well-formed JSON,
// or the well-formed beginning of one. Data with few openings is not walked.
func tooDeep(data []byte, openings, limit int) int {
	if openings <= limit {
		return -1
	}
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			if depth++; depth > limit {
				return i
			}
		case '}', ']':
			depth--
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}
	return -1
}

// openings counts what could open a level, in strings too: never less than the depth.
func openings(data []byte) int {
	return bytes.Count(data, []byte{'{'}) + bytes.Count(data, []byte{'['})
}
