package mtls

import (
	"crypto/ecdsa"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const password = "open-sesame"

func TestKeysAsOpenSSLWritesThem(t *testing.T) {
	tests := []struct {
		file      string
		encrypted bool
		want      string // in the problem; "" opens
	}{
		{"plain.pem", false, ""},
		{"pkcs8.pem", false, ""},
		{"aes256-sha256.pem", true, ""},
		{"aes192-sha512.pem", true, ""},
		{"aes128-sha1.pem", true, ""},
		{"des3-sha384.pem", true, ""},
		{"sec1-aes256.pem", true, ""},
		{"pbes1.pem", true, "in a way that is not understood (scheme 1.2.840.113549.1.12.1.3)"},
		{"scrypt.pem", true, "in a way that is not understood (scheme 1.3.6.1.4.1.11591.4.11)"},
	}
	reference, problem := readKey(sample(t, "plain.pem"), nil, "plain.pem")
	if problem != nil {
		t.Fatal(problem)
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			data := sample(t, tt.file)
			key, problem := readKey(data, []byte(password), tt.file)
			switch {
			case tt.want == "" && (problem != nil || !reference.(*ecdsa.PrivateKey).Equal(key)):
				t.Errorf("got %v; want the key", problem)
			case tt.want != "" && (problem == nil || !strings.Contains(problem.Error(), tt.want)):
				t.Errorf("got %v, want %q", problem, tt.want)
			}
			if !tt.encrypted {
				return
			}
			if _, problem := readKey(data, nil, tt.file); problem == nil || !strings.Contains(problem.Error(), "no password is given") {
				t.Errorf("without password: got %v", problem)
			}
			if tt.want != "" {
				return
			}
			if _, problem := readKey(data, []byte("open-barley"), tt.file); problem == nil || strings.Contains(problem.Error(), "barley") {
				t.Errorf("with another password: got %v; want a problem that does not repeat it", problem)
			}
		})
	}
}

func sample(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// FuzzDecryptPKCS8: whatever stands in a key file, the answer is a key or an error.
func FuzzDecryptPKCS8(f *testing.F) {
	for _, file := range []string{"aes256-sha256.pem", "des3-sha384.pem", "scrypt.pem", "pbes1.pem"} {
		f.Add(sample(f, file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		key, problem := readKey(data, []byte(password), "fuzzed.pem")
		if (key == nil) == (problem == nil) {
			t.Errorf("got key %v and problem %v", key != nil, problem)
		}
	})
}
