package pds_test

import (
	"context"
	"testing"

	"github.com/gpconnect-go/gpc/pds"
)

func BenchmarkReadTrace(b *testing.B) {
	raw, n := toJSON(b, patient(with("extension", list{removal("SCT")}))), number(b, digits)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pds.ReadTrace(raw, n, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdmit(b *testing.B) {
	n := number(b, digits)
	trace, err := pds.ReadTrace(toJSON(b, patient()), n, noon)
	if err != nil {
		b.Fatal(err)
	}
	g, err := pds.NewGate(pds.GateConfig{Trace: trace, Now: newClock().Now})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Admit(context.Background(), n, surgery, false); err != nil {
			b.Fatal(err)
		}
	}
}
