package sdslookup

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestReadMessage(t *testing.T) {
	long := append([]byte{0x30, 0x82, 0x01, 0x00}, make([]byte, 256)...)
	tests := []struct {
		name string
		in   []byte
		want int // length of the message
		says string
	}{
		{"short", []byte{0x30, 0x02, 1, 2, 0x30}, 4, ""},
		{"empty", []byte{0x30, 0x00}, 2, ""},
		{"long form", long, 260, ""},
		{"long form, short length", []byte{0x30, 0x84, 0, 0, 0, 1, 9}, 7, ""},
		{"nothing", nil, 0, "EOF"},
		{"half a head", []byte{0x30}, 0, "EOF"},
		{"half a length", []byte{0x30, 0x82, 0x01}, 0, "EOF"},
		{"half a body", []byte{0x30, 0x02, 1}, 0, "EOF"},
		{"indefinite", []byte{0x30, 0x80, 1, 0, 0}, 0, "without bound"},
		{"nine octets of length", []byte{0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 0, "without bound"},
		{"one GiB", []byte{0x30, 0x84, 0x40, 0, 0, 0}, 0, "1073741824 bytes"},
		{"just too long", []byte{0x30, 0x83, 0x04, 0, 1}, 0, "262145 bytes"},
		{"text", []byte("HTTP/1.1"), 0, "no LDAP message"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readMessage(bufio.NewReader(bytes.NewReader(tt.in)))
			if tt.says == "" && (err != nil || len(got) != tt.want) || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %d bytes, %v; want %d, %q", len(got), err, tt.want, tt.says)
			}
		})
	}
}

// TestAnnouncedLengthCostsNothing: a length is believed only within the limit.
func TestAnnouncedLengthCostsNothing(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		if _, err := readMessage(bufio.NewReader(bytes.NewReader([]byte{0x30, 0x84, 0x3f, 0xff, 0xff, 0xff, 0}))); err == nil || errors.Is(err, io.EOF) {
			t.Fatalf("got %v", err)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
		t.Errorf("allocated %d bytes", grown)
	}
}

// FuzzMessage: whatever a directory sends is a message or an error, and a decoded entry is whole.
func FuzzMessage(f *testing.F) {
	f.Add([]byte{0x30, 0x0c, 0x02, 0x01, 0x01, 0x65, 0x07, 0x0a, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00})
	f.Add([]byte{0x30, 0x17, 0x02, 0x01, 0x02, 0x64, 0x12, 0x04, 0x01, 'x', 0x30, 0x0d, 0x30, 0x0b, 0x04, 0x01, 'a', 0x31, 0x06, 0x04, 0x01, '1', 0x04, 0x01, '2'})
	f.Add([]byte{0x30, 0x05, 0x02, 0x01, 0x00, 0x73, 0x00})
	f.Add(envelope(1, bindRequest()))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bufio.NewReader(bytes.NewReader(data))
		for {
			raw, err := readMessage(r)
			if err != nil {
				return
			}
			if len(raw) > maxMessage+6 {
				t.Fatalf("read %d bytes", len(raw))
			}
			m, err := decodeMessage(raw)
			if err == nil && m.entry != nil && (m.done || m.referral) {
				t.Errorf("got %+v", m)
			}
		}
	})
}
