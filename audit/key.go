package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/gpconnect-go/gpc/internal/filelock"
)

// keySize is how many bytes a key has at least: as many as the hash.
const keySize = sha256.Size

// Key turns NHS numbers into what may stand in the journal. It does not print.
//
// There are only so many NHS numbers: who has the key can try them all. It
// must lie where who reads the journal cannot read it.
type Key struct {
	secret []byte
	id     string
	macs   *sync.Pool // keyed and ready: keying takes as long as the hash
}

// KeyOf is a key that was kept elsewhere than in a file: 32 random bytes or
// more.
func KeyOf(secret []byte) (Key, error) {
	if len(secret) < keySize {
		return Key{}, fmt.Errorf("audit: the key has %d bytes, it needs %d or more", len(secret), keySize)
	}
	return keyFrom(append([]byte(nil), secret...)), nil
}

// NewKey makes a key of 32 random bytes and the file that keeps it: in hex,
// on one line, with mode 0600. It refuses a file that exists, because numbers
// under the old key could no longer be found.
func NewKey(path string) (Key, error) {
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Key{}, fmt.Errorf("audit: make the key file: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(secret) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = filelock.SyncFolder(filepath.Dir(path))
	}
	if err != nil {
		return Key{}, fmt.Errorf("audit: make the key file: %w", errors.Join(err, os.Remove(path)))
	}
	return keyFrom(secret), nil
}

// ReadKey reads a key file: 64 or more hex digits on one line. The file must
// be its owner's alone, mode 0600 or less (not looked at on Windows, where
// modes say nothing).
func ReadKey(path string) (Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return Key{}, fmt.Errorf("audit: read the key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("audit: read the key file: %w", err)
	}
	if mode := info.Mode(); !mode.IsRegular() {
		return Key{}, fmt.Errorf("audit: %s is not a file", path)
	} else if mode.Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return Key{}, fmt.Errorf("audit: %s can be read by others (mode %04o); make it 0600, and if it was so for long, make a new key", path, mode.Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<12))
	if err != nil {
		return Key{}, fmt.Errorf("audit: read the key file: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) < keySize {
		return Key{}, fmt.Errorf("audit: %s is not a key: it would be one line of %d or more hex digits", path, 2*keySize)
	}
	return keyFrom(secret), nil
}

func keyFrom(secret []byte) Key {
	k := Key{secret: secret, macs: &sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
	k.id = hex.EncodeToString(k.mac("key id")[:4])
	return k
}

// Number is a patient's number; fhir.NHSNumber is one.
type Number interface{ Digits() string }

// Pseudonym is how the journal names a patient: the key's id, a colon and the
// HMAC-SHA-256 of the ten digits in hex. It is "" for no number.
func (k Key) Pseudonym(n Number) string {
	digits := n.Digits()
	if digits == "" || len(k.secret) == 0 {
		return ""
	}
	name := make([]byte, 0, len(k.id)+1+hexSize)
	name = append(append(name, k.id...), ':')
	return string(hex.AppendEncode(name, k.mac(digits)))
}

// ID tells one key from another without telling the key: eight hex digits.
func (k Key) ID() string { return k.id }

func (k Key) mac(text string) []byte {
	m := k.macs.Get().(hash.Hash)
	defer k.macs.Put(m)
	m.Reset()
	_, _ = io.WriteString(m, text)
	return m.Sum(nil)
}

// String shows the key's id.
func (k Key) String() string { return "key " + k.ID() }

// Format is String, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText is String.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
