// Package fhir reads FHIR STU3 as GP Connect uses it.
//
// The bytes are the truth. [ParseBundle] walks a document once, refuses what is not
// sound JSON (truncated, duplicate names, invalid UTF-8, trailing data, beyond the
// [Limits]), and remembers where each entry lies. Nothing is decoded before it is
// asked for:
//
//	b, err := fhir.ParseBundle(body, fhir.Limits{})
//	for r := range b.OfType("AllergyIntolerance") {
//		a, err := fhir.As[fhir.AllergyIntolerance](r)
//		fmt.Println(a.Code.Display(), a.AssertedDate)
//	}
//
// A [Resource] is a slice of the provider's bytes with its type and id. A view ([Patient],
// [Observation], ...) is the part of it that GP Connect describes; what a view has no
// field for is still in its Raw. Nothing is ever written back from a view: an edit
// ([Resource.Set], [Resource.Remove]) is a splice of one member into the bytes.
//
// Views are lenient, because real records are not valid STU3: every field is optional,
// codes are strings, one is taken where many belong and many where one belongs, a boolean
// may be a string, dates and decimals stay as written. What cannot be taken at all leaves
// its field empty and its path in the view's Odd, so that a reader can say that something
// there could not be read.
//
// References are resolved by "Type/id" and "#id" only. Absolute URLs and fullUrl are never
// followed: providers fill them at will.
//
// What an error says is read with more patience than a record: [ParseOutcome] takes XML and
// a comma too many, and [Sniff] tells the page of a proxy from an answer.
//
// Errors, String methods and log values of this package carry no NHS number, name, birth
// date or any other text from a record.
package fhir
