// Package record is the structured record of a patient as a reader sees it.
//
// [Query] says what is asked for and builds the request. [Read] turns the answer into a
// [Record], or refuses it: a record that is not, beyond doubt, that of the patient who was
// asked for does not come out of this package. [View] does the same for a saved answer,
// of which the question is not known.
//
//	q := record.Full()
//	body, err := q.Parameters(number, time.Now())
//	…
//	b, err := fhir.ParseBundle(answer, fhir.Limits{})
//	r, err := record.Read(b, number, q)
//	for _, w := range r.Warnings {
//		fmt.Println(w.Text) // before anything else
//	}
//	for _, m := range r.Areas.Medications.Items {
//		fmt.Println(m.Text, m.Dosage)
//	}
//
// An area of the record is what its primary list names, in the order of the list, and
// never what resources of some type happen to be in the answer: a medicine that came along
// with a problem is no entry of the patient's medication. Every entry of a primary list is
// one item, also one that cannot be followed; see [Item.Absent]. What comes along belongs
// to the consultation or the problem that it came with.
//
// "Not asked", "nothing recorded", "expressly none" and "withheld" are different [State]s.
//
// json.Marshal of a Record is what programs rely on, and docs/record.schema.json describes
// all of it: names in snake case, dates as the record has them, lists never null. It holds
// the NHS number in patient.nhs_number. No error, String or Format of this package holds
// anything about a patient.
package record
