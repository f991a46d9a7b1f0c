package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gpconnect-go/gpc/fhir"
)

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.key")
	made, err := NewKey(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	n := number(t, "9000000009")
	if made.Pseudonym(n) != read.Pseudonym(n) || made.ID() != read.ID() {
		t.Error("the key that was read is not the one that was made")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the key file has mode %04o, want 0600", got)
	}
	if _, err := NewKey(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second key in its place: got %v, want fs.ErrExist", err)
	}
	if again, err := ReadKey(path); err != nil || again.ID() != made.ID() {
		t.Errorf("after that: got %v, %v; want the first key", again, err)
	}
}

func TestBadKeyFiles(t *testing.T) {
	good := strings.Repeat("0123456789abcdef", 4)
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"readable by the group": {good, 0o640},
		"readable by all":       {good, 0o604},
		"too short":             {good[:62], 0o600},
		"not hex":               {strings.Repeat("xy", 32), 0o600},
		"empty":                 {"", 0o600},
		"raw bytes":             {strings.Repeat("\x01", 32), 0o600},
	} {
		path := filepath.Join(t.TempDir(), "audit.key")
		write(t, path, []byte(c.text+"\n"))
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS == "windows" && c.mode != 0o600 {
			continue
		}
		_, err := ReadKey(path)
		if err == nil {
			t.Errorf("%s: got nil, want an error", name)
		} else if len(c.text) > 8 && strings.Contains(err.Error(), c.text[:8]) {
			t.Errorf("%s: the error quotes the key", name)
		}
	}
	if _, err := ReadKey(t.TempDir()); err == nil {
		t.Error("a folder: got nil, want an error")
	}
	if _, err := KeyOf([]byte("short")); err == nil {
		t.Error("KeyOf five bytes: got nil, want an error")
	}
	if _, err := Open(Config{Path: newPath(t)}); err == nil {
		t.Error("Open without a key: got nil, want an error")
	}
}

// TestPseudonym holds the form of the pseudonym, which other programs compute
// as well.
func TestPseudonym(t *testing.T) {
	m := hmac.New(sha256.New, testKey.secret)
	m.Write([]byte("9000000009"))
	want := testKey.ID() + ":" + hex.EncodeToString(m.Sum(nil))
	if got := testKey.Pseudonym(number(t, "900 000 0009")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := testKey.Pseudonym(fhir.NHSNumber{}); got != "" {
		t.Errorf("of no number: got %q, want nothing", got)
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	config := Config{Path: "audit.jsonl", Key: testKey}
	j, err := json.Marshal(testKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(config), fmt.Sprintf("%+v %#v %x %q", config, config, testKey, testKey), string(j)} {
		for _, secret := range []string{string(testKey.secret), hex.EncodeToString(testKey.secret), "[97 32 107"} {
			if strings.Contains(text, secret) {
				t.Errorf("the key is in %q", text)
			}
		}
	}
}
