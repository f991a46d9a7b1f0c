package pds

import (
	"fmt"
	"io"
	"log/slog"
)

// The methods here keep patients, credentials and the user's own words out of
// messages: Format whatever the verb (with one that does not fit, fmt prints what a
// pointer points to), LogValue in slog's JSON.

// Format writes the refusal's text.
func (r *Refusal) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.Error()) }

// Format writes the fields that differ.
func (ds Differences) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, ds.Error()) }

// Format writes the field and neither value.
func (d Difference) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, string(d.Field)) }

// LogValue is as Format.
func (d Difference) LogValue() slog.Value { return slog.StringValue(string(d.Field)) }

// Format writes that this is a client.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "PDS client") }

// Format writes that this is a configuration.
func (config Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "PDS configuration") }

// LogValue is as Format.
func (config Config) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(config)) }

// Format writes which organisation asks.
func (a Asking) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "asking for "+a.Organisation) }

// LogValue is as Format.
func (a Asking) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(a)) }

// Format writes that this is access by signed JWT, and neither token nor key.
func (s *SignedJWT) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "signed JWT access") }

// Format writes that this is a configuration, without the key.
func (config SignedJWTConfig) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "signed JWT configuration")
}

// LogValue is as Format.
func (config SignedJWTConfig) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(config)) }

func (k *apiKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "API key") }

// Format writes that this is a gate, and of whom.
func (g *Gate) Format(f fmt.State, _ rune) {
	who := "nobody yet"
	if t := g.known(); t != nil {
		who = t.NHSNumber.String()
	}
	_, _ = io.WriteString(f, "gate of "+who)
}

// Format writes that this is a configuration.
func (config GateConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "gate configuration") }

// LogValue is as Format.
func (config GateConfig) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(config)) }

// Format writes the reason. The justification is the user's own words, and may name
// the patient: an audit takes it by its field.
func (o Override) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "override of %q", string(o.Reason))
}

// LogValue is as Format.
func (o Override) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(o)) }

// Format writes the reason and the practice.
func (o Overridden) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "override of %q at %q", string(o.Reason), o.ODS)
}

// LogValue is as Format.
func (o Overridden) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(o)) }

// Format writes that this is a query and nothing of it.
func (q Query) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "search by demographics") }

// LogValue is as Format.
func (q Query) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(q)) }

// Format writes how many matched.
func (m Matches) Format(f fmt.State, _ rune) {
	if m.TooMany {
		_, _ = io.WriteString(f, "too many matches")
		return
	}
	_, _ = fmt.Fprintf(f, "%d matches", len(m.Items))
}

// LogValue is as Format.
func (m Matches) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(m)) }
