package client_test

import (
	"log/slog"
	"os"
	"time"

	"github.com/gpconnect-go/gpc/client"
)

// Every attempt in the program's own log: an Exchange is a group of fields that
// are safe to keep.
func ExampleExchange_LogValue() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	config := client.Config{ // and all the rest
		OnExchange: func(x client.Exchange) {
			level := slog.LevelInfo
			if x.Err != nil {
				level = slog.LevelWarn
			}
			log.Log(x.Context(), level, "gp connect", "exchange", x)
		},
	}
	config.OnExchange(client.Exchange{ // as the client does after each attempt
		Op: "read metadata", Interaction: client.ReadMetadata, ODS: "A12345", Organisation: "A11111", Practitioner: "10019",
		From: "200000000359", To: "918999198820", TraceID: "546a659c-f76d-4023-876c-957f7ce5eb79", Attempt: 1,
		Duration: 35 * time.Millisecond, Status: 200, Bytes: 8120,
	})
	// Output: level=INFO msg="gp connect" exchange.op="read metadata" exchange.interaction=urn:nhs:names:services:gpconnect:fhir:rest:read:metadata-1 exchange.practice=A12345 exchange.organisation=A11111 exchange.user=10019 exchange.from=200000000359 exchange.to=918999198820 exchange.trace=546a659c-f76d-4023-876c-957f7ce5eb79 exchange.attempt=1 exchange.duration=35ms exchange.reused=false exchange.status=200 exchange.bytes=8120
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.Attr{}
	}
	return a
}
