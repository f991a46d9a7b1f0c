package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gpconnect-go/gpc/audit"
)

// Audit is where the journal of calls is kept: one for the whole file, as it
// belongs to the installation.
type Audit struct {
	File    string `toml:"file,omitempty"`
	KeyFile string `toml:"hmac_key_file,omitempty"`
}

// AuditFile is the journal's path, or "" where none is kept.
func (p *Profile) AuditFile() string {
	if p.file.Audit.File == "" {
		return ""
	}
	return p.Path(p.file.Audit.File)
}

// AuditKey reads the key that numbers are hidden by; where its file is not
// there yet it is made, and made is true.
func (p *Profile) AuditKey() (key audit.Key, made bool, err error) {
	if p.file.Audit.KeyFile == "" {
		return key, false, p.problem("audit has a file and no hmac_key_file", "name a file for the key; it is made at the first call, and must lie where readers of the journal cannot read it")
	}
	path := p.Path(p.file.Audit.KeyFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		key, err = audit.NewKey(path)
		if err == nil {
			return key, true, nil
		}
	}
	if key, err = audit.ReadKey(path); err != nil {
		return key, false, p.problem(fmt.Sprintf("audit.hmac_key_file: %v", err), "give it mode 0600, or name another file")
	}
	return key, false, nil
}

// Journal opens the journal of calls; without one it is nil.
func (p *Profile) Journal() (journal *audit.Journal, madeKey bool, err error) {
	if p.AuditFile() == "" {
		return nil, false, nil
	}
	key, made, err := p.AuditKey()
	if err != nil {
		return nil, made, err
	}
	journal, err = audit.Open(audit.Config{Path: p.AuditFile(), Key: key})
	if err != nil {
		return nil, made, p.problem(fmt.Sprintf("audit.file cannot be used: %v", err),
			"its folder must exist and be writable; a journal that is broken is moved away and kept, `gpc audit verify` says where")
	}
	return journal, made, nil
}
