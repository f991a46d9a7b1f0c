package show

import (
	"github.com/gpconnect-go/gpc/record"
)

// tag is a short mark on an item, and what it means.
type tag struct{ Name, Meaning string }

// The tags, in the order in which they stand on an item and in the legend.
const (
	tagNotForPatient = "NOT FOR PATIENT"
	tagOtherPatient  = "NAMES ANOTHER PATIENT"
	tagError         = "ENTERED IN ERROR"
	tagDeleted       = "DELETED"
	tagDegraded      = "DEGRADED"
	tagNoChecks      = "NO DRUG CHECKS"
	tagModified      = "MODIFIED"
	tagUnreadable    = "PARTLY UNREADABLE"
	tagAmbiguous     = "AMBIGUOUS"
	tagElsewhere     = "FROM ELSEWHERE"
	tagDraft         = "DRAFT"
	tagNotSent       = "NAMED ONLY"
	tagUnresolved    = "NOT IN THE ANSWER"
	tagWrongType     = "UNEXPECTED TYPE"
	tagEmpty         = "EMPTY ENTRY"
	tagAbsent        = "ABSENT"
	tagDuplicate     = "NAMED BEFORE"
	tagAbridged      = "TOLD ELSEWHERE"
	tagNotNHS        = "NOT AN NHS NUMBER" // on the patient
)

// meanings are the legend.
func meanings() []tag {
	return []tag{
		{tagNotForPatient, "is not to be disclosed to the patient"},
		{tagOtherPatient, "names another patient than the one whose record this is"},
		{tagError, "was entered in error: the record says that it is not true"},
		{tagDeleted, "has been removed from the list at the practice"},
		{tagDegraded, "its code was lost between two practices; only the words have the meaning"},
		{tagNoChecks, "no automatic check of medicines against this allergy can be relied on"},
		{tagModified, "carries a modifier that is not known here and may change its meaning"},
		{tagUnreadable, "a part of it could not be read; it is in the answer as it was sent"},
		{tagAmbiguous, "several different things came under its name; this need not be the one"},
		{tagElsewhere, "was done or reported by another organisation"},
		{tagDraft, "is not finished yet at the practice"},
		{tagNotSent, "exists at the practice and was not sent"},
		{tagUnresolved, "is pointed to and did not come with the answer"},
		{tagWrongType, "is something else than this list should hold"},
		{tagEmpty, "the list has an entry that says nothing"},
		{tagAbsent, "there is nothing to read of it"},
		{tagDuplicate, "the list names it more than once; what it says is at the first place"},
		{tagAbridged, "is told in full in another place of this record"},
		{tagNotNHS, "its check digit is wrong, or it is no number of ten digits"},
	}
}

// tags are those of an item.
func (rd *reader) tags(it record.Item) []string {
	return rd.pick(
		tagIf{it.NotForPatient, tagNotForPatient}, tagIf{it.OtherSubject, tagOtherPatient}, tagIf{it.EnteredInError, tagError},
		tagIf{it.Deleted, tagDeleted}, tagIf{it.Degraded, tagDegraded}, tagIf{it.Modified, tagModified},
		tagIf{len(it.Unreadable) > 0, tagUnreadable}, tagIf{it.Ambiguous, tagAmbiguous}, tagIf{it.FromElsewhere, tagElsewhere},
		tagIf{it.Absent != "", absence(it.Absent)}, tagIf{it.Duplicate, tagDuplicate}, tagIf{it.Abridged, tagAbridged},
	)
}

func absence(a record.Absence) string {
	switch a {
	case record.AbsentNotSent:
		return tagNotSent
	case record.AbsentUnresolved:
		return tagUnresolved
	case record.AbsentWrongType:
		return tagWrongType
	case record.AbsentEmpty:
		return tagEmpty
	}
	return tagAbsent
}

// tagIf is a tag and whether it is set.
type tagIf struct {
	set bool
	tag string
}

// pick gives the tags that are set, and notes them for the legend.
func (rd *reader) pick(flags ...tagIf) []string {
	var tags []string
	for _, f := range flags {
		if f.set {
			rd.used[f.tag] = true
			tags = append(tags, f.tag)
		}
	}
	return tags
}

// legend explains the tags that were used.
func (rd *reader) legend() []tag {
	var used []tag
	for _, t := range meanings() {
		if rd.used[t.Name] {
			used = append(used, t)
		}
	}
	return used
}
