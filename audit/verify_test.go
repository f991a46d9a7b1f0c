package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestSampleVerifies(t *testing.T) {
	path := sample(t)
	r, err := VerifyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"header ", "begin t-1", "end t-1", "begin t-2", "recovered ", "resumed ", "refused ", "begin t-3"}
	if got := story(entries(t, path)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.Lines != 8 || r.Begun != 3 || r.Ended != 1 || r.Refused != 1 || r.Unknown != 2 || len(r.Recovered) != 1 || r.Resumed != 1 {
		t.Errorf("got %+v, want 8 lines, 3 begun, 1 ended, 1 refused, 2 unknown, 1 recovered, 1 resumed", r)
	}
	if got, want := r.Recovered[0], (Recovery{Seq: 5, Bytes: int64(len(`{"seq":5,"prev":"4c9` + tornMark))}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if r.Head.Seq != 8 || r.Continues != (Head{}) {
		t.Errorf("head %d, continues %+v; want 8 and none", r.Head.Seq, r.Continues)
	}
}

// TestChainByHand follows the chain with nothing but what doc.go says of it.
func TestChainByHand(t *testing.T) {
	path := newPath(t)
	j := openAt(t, path)
	begin(t, j, "t-1")
	begin(t, j, "t-2")
	closed(t, j)
	prev := strings.Repeat("0", 64)
	for i, l := range strings.Split(strings.TrimSpace(string(content(t, path))), "\n") {
		var members struct {
			Seq        int
			Prev, Hash string
		}
		if err := json.Unmarshal([]byte(l), &members); err != nil {
			t.Fatal(err)
		}
		before, _, _ := strings.Cut(l, `,"hash":`)
		digest := sha256.Sum256([]byte(before))
		if members.Seq != i+1 || members.Prev != prev || members.Hash != hex.EncodeToString(digest[:]) {
			t.Errorf("line %d does not carry on the chain: %s", i+1, l)
		}
		prev = members.Hash
	}
}

// TestFlippedByte changes every byte of a journal in which every kind of line
// occurs, to its neighbours by one bit, to nothing and to a newline.
func TestFlippedByte(t *testing.T) {
	whole := content(t, sample(t))
	line := 1
	for i, was := range whole {
		for _, now := range []byte{was ^ 1, was ^ 0x20, was ^ 0x80, 0, '\n', ' ', '"'} {
			if now == was {
				continue
			}
			whole[i] = now
			_, err := Verify(bytes.NewReader(whole))
			var broken *Broken
			if !errors.As(err, &broken) {
				t.Fatalf("byte %d from %q to %q: got %v, want a *Broken", i, was, now, err)
			}
			// What accounts for torn bytes is not believed when it was
			// changed, so that the torn bytes, the line before, are named.
			if broken.Line != line && (broken.Line != line-1 || line != 6) {
				t.Errorf("byte %d of line %d, from %q to %q: got line %d", i, line, was, now, broken.Line)
			}
		}
		whole[i] = was
		if was == '\n' {
			line++
		}
	}
}

// TestShortened cuts a journal at every byte. Within a line it shows; at the
// end of one only to who knows a later line.
func TestShortened(t *testing.T) {
	whole := content(t, sample(t))
	r, err := Verify(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	torn := bytes.Index(whole, []byte(`{"seq":5,"prev":"4c9`))
	for n := range whole {
		_, blind := Verify(bytes.NewReader(whole[:n]))
		_, knowing := Verify(bytes.NewReader(whole[:n]), r.Head)
		if !errors.As(knowing, new(*Broken)) {
			t.Errorf("cut to %d of %d bytes, the last line known: got %v, want a *Broken", n, len(whole), knowing)
		}
		switch atEnd := n == torn || n > 0 && whole[n-1] == '\n' && n != torn+len(`{"seq":5,"prev":"4c9`+tornMark); {
		case n == 0 && !errors.Is(blind, Headless):
			t.Errorf("empty: got %v, want Headless", blind)
		case n > 0 && atEnd && blind != nil:
			t.Errorf("cut to %d bytes, the end of a line: got %v, want nothing to be seen", n, blind)
		case n > 0 && atEnd && !errors.Is(knowing, Cut):
			t.Errorf("cut to %d bytes, the last line known: got %v, want Cut", n, knowing)
		case n > 0 && !atEnd && blind == nil:
			t.Errorf("cut to %d bytes, within a line: got nil", n)
		}
	}
}

func TestMovedLines(t *testing.T) {
	path := newPath(t)
	j := openAt(t, path)
	for _, trace := range []string{"t-1", "t-2", "t-3", "t-4"} {
		begin(t, j, trace)
	}
	closed(t, j)
	lines := bytes.SplitAfter(content(t, path), []byte("\n"))[:5]
	for name, c := range map[string]struct {
		lines [][]byte
		fault Fault
		at    int
	}{
		"a line removed":        {slices.Delete(slices.Clone(lines), 2, 3), Unlinked, 3},
		"a line twice":          {slices.Insert(slices.Clone(lines), 2, lines[2]), Unlinked, 4},
		"two lines exchanged":   {[][]byte{lines[0], lines[2], lines[1], lines[3]}, Unlinked, 2},
		"the header removed":    {lines[1:], Headless, 1},
		"the header twice":      {[][]byte{lines[0], lines[0], lines[1]}, Unlinked, 2},
		"a line of another":     {[][]byte{lines[0], forged(t), lines[2]}, Unlinked, 2},
		"a line in other words": {[][]byte{lines[0], bytes.Replace(lines[1], []byte("Melissa"), []byte("Mallory"), 1), lines[2]}, Altered, 2},
	} {
		_, err := Verify(bytes.NewReader(bytes.Join(c.lines, nil)))
		var broken *Broken
		if !errors.As(err, &broken) || broken.Fault != c.fault || broken.Line != c.at {
			t.Errorf("%s: got %v, want line %d: %s", name, err, c.at, string(c.fault))
		}
	}
}

// forged is a line that is sound in itself, but of another journal.
func forged(t *testing.T) []byte {
	body, err := Entry{Kind: Begin, Trace: "t-1"}.body()
	if err != nil {
		t.Fatal(err)
	}
	l, _ := seal(nil, position{seq: 1, hash: strings.Repeat("a", 64)}, body)
	return l
}

// TestRewritten makes the whole chain anew after a change: only a Head that is
// known from before tells.
func TestRewritten(t *testing.T) {
	first, second := newPath(t), newPath(t)
	for _, path := range []string{first, second} {
		j := openAt(t, path)
		begin(t, j, "t-1")
		closed(t, j)
	}
	r, err := VerifyFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyFile(second); err != nil {
		t.Errorf("a chain in itself: got %v, want nil", err)
	}
	if _, err := VerifyFile(second, r.Head); !errors.Is(err, Replaced) {
		t.Errorf("against the head of what it replaces: got %v, want Replaced", err)
	}
}

// TestHeadFileTells: lines that are gone from the end are missed because the
// head file names the last one, by VerifyFile and by Open.
func TestHeadFileTells(t *testing.T) {
	path := sample(t)
	whole := content(t, path)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for name, c := range map[string]struct {
		content []byte
		fault   Fault
	}{
		"the last line gone":     {whole[:last], Cut},
		"its newline gone":       {whole[:len(whole)-1], Altered},
		"its newline changed":    {append(slices.Clone(whole[:len(whole)-1]), ' '), Altered},
		"its half gone":          {whole[:last+100], Altered},
		"a word in it changed":   {bytes.Replace(whole, []byte(`"t-3"`), []byte(`"t-4"`), 1), Altered},
		"a word far above":       {bytes.Replace(whole, []byte(`"t-1"`), []byte(`"t-4"`), 1), Altered},
		"another's line instead": {append(slices.Clone(whole[:last]), resealed(t, whole[:last])...), Replaced},
	} {
		write(t, path, c.content)
		if _, err := VerifyFile(path); !errors.Is(err, c.fault) {
			t.Errorf("%s: VerifyFile: got %v, want %s", name, err, string(c.fault))
		}
		if name == "a word far above" {
			continue // Open looks at what stands behind the head
		}
		if _, err := Open(Config{Path: path, Key: testKey}); !errors.As(err, new(*Broken)) {
			t.Errorf("%s: Open: got %v, want a *Broken", name, err)
		}
		if got := content(t, path); !bytes.Equal(got, c.content) {
			t.Errorf("%s: Open changed the file", name)
		}
	}
}

// resealed is a line that carries on the chain of these bytes.
func resealed(t *testing.T, before []byte) []byte {
	l, ok := lastLine(before)
	body, err := Entry{Kind: Begin, Trace: "t-9"}.body()
	if err != nil || !ok {
		t.Fatal(err)
	}
	page, _ := seal(nil, position{seq: l.seq, hash: l.hash}, body)
	return page
}

// TestNoJournal: a file of someone else's is neither verified nor touched.
func TestNoJournal(t *testing.T) {
	for _, text := range []string{"x", "hello\n", "{\"a\":1}\n", "{\"seq\":1}\n{\"seq\":2}", strings.Repeat("no newline ", 20_000)} {
		path := newPath(t)
		write(t, path, []byte(text))
		if _, err := Open(Config{Path: path, Key: testKey}); !errors.As(err, new(*Broken)) {
			t.Errorf("%.20q: got %v, want a *Broken", text, err)
		}
		if got := string(content(t, path)); got != text {
			t.Errorf("%.20q: the file is now %.80q", text, got)
		}
		if _, err := VerifyFile(path); !errors.As(err, new(*Broken)) {
			t.Errorf("%.20q: VerifyFile: got %v, want a *Broken", text, err)
		}
	}
	if _, err := VerifyFile(newPath(t)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v, want os.ErrNotExist", err)
	}
}
