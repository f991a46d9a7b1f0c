package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/internal/show"
)

// output is where a command's data goes and in which format.
type output struct {
	format  string
	file    string
	formats []string
}

func (o *output) addFlags(cmd *cobra.Command, formats ...string) {
	o.formats = formats
	cmd.Flags().StringVarP(&o.format, "format", "f", formats[0], strings.Join(formats, ", "))
	cmd.Flags().StringVarP(&o.file, "output", "o", "", "write to a new `file` of mode 0600 instead of stdout")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// check says what is wrong with the flags, before anything is sent.
func (o *output) check() error {
	if !slices.Contains(o.formats, o.format) {
		return &usageError{
			what: fmt.Sprintf("no format %q", o.format),
			cure: "choose one of: " + strings.Join(o.formats, ", "),
		}
	}
	return canBeNew(o.file)
}

// canBeNew says what is in the way of a new file; "" is none.
func canBeNew(file string) error {
	if file == "" {
		return nil
	}
	if _, err := os.Lstat(file); err == nil {
		return existing(file)
	}
	if folder, err := os.Stat(filepath.Dir(file)); err != nil || !folder.IsDir() {
		return &usageError{fmt.Sprintf("there is no folder to write %s into", file), "make it, or name another file"}
	}
	return nil
}

func existing(path string) error {
	return &usageError{what: fmt.Sprintf("%s exists already", path), cure: "name a new file; nothing is overwritten"}
}

// write puts the whole of data where the flags say. A file is new, readable by
// its owner alone, and does not stay when it could not be written to its end.
func (o *output) write(a *app, data []byte) error {
	if o.file == "" {
		_, err := a.stdout.Write(data)
		return err
	}
	f, err := os.OpenFile(o.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return existing(o.file)
	}
	if err != nil {
		return &usageError{what: fmt.Sprintf("the output cannot be written: %v", err), cure: "name another file"}
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(o.file))
	}
	return nil
}

// colour is for a terminal alone, and not where NO_COLOR is set.
func (a *app) colour(file string) bool {
	return a.terminal && file == "" && a.getenv("NO_COLOR") == ""
}

// width is the terminal's, or 0, which is 80; a file does not depend on either.
func (a *app) width(file string) int {
	if file != "" {
		return 0
	}
	return min(a.columns, 120)
}

// secret reads one line from stdin: a number that is not to stand in the
// shell's history.
func (a *app) secret() (string, error) {
	data, err := io.ReadAll(io.LimitReader(a.stdin, 256))
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(strings.TrimLeft(string(data), " \t\r\n"), "\n")
	return strings.TrimSpace(line), nil
}

// shown is the other side's text fit for one line of a terminal.
func shown(s string) string { return show.Plain(s) }
