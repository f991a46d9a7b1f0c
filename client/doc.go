// Package client calls GP practices through the Spine Secure Proxy (SSP) as a
// consumer of GP Connect.
//
// A [Client] is an installation: the proxy's address, the endpoint
// certificate, the directory, the device and the issuer that every audit
// token names. From it comes an [Encounter]: one practitioner of one
// organisation with one patient. An encounter's [Practice] is where the
// operations are:
//
//	c, err := client.New(client.Config{ProxyURL: …, TLS: …, Directory: …, Issuer: …, Device: …})
//	e, err := c.Encounter(organisation, practitioner)
//	p, err := e.Practice("A12345")
//	record, err := p.StructuredRecord(ctx, nhsNumber, record.Full())
//
// The directory is asked for the practice's service root and ASID at the
// first call of each interaction, and its answer is kept as long as the
// encounter lives and no longer (SDS overview, "caching").
//
// Everything leaves through one door: there the URL is put together, the
// trace id, the headers and the audit token are made anew for each attempt,
// the auditor is told, the request is sent once, and the answer is judged.
//
// Every error of an operation is an [*Error]: it says which layer failed, with
// which Spine codes, and carries the trace id. It never holds a patient's data.
package client
