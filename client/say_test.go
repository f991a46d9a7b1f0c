package client_test

import (
	"fmt"
	"io"
	"log/slog"
)

func printf(w io.Writer, format string, v ...any) { fmt.Fprintf(w, format, v...) }

// logged writes v as programs that log it do.
func logged(w io.Writer, v any) {
	slog.New(slog.NewJSONHandler(w, nil)).Info("it", "value", v)
	slog.New(slog.NewTextHandler(w, nil)).Info("it", "value", v)
}
