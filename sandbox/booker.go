package sandbox

import "slices"

// A booker is the booking organisation: its ODS code, and its type if it was sent.
type booker struct{ ods, kind string }

// judgeOrganisation wants one contained Organization with ODS code, name and phone, and the
// extension that names it.
func judgeOrganisation(sent map[string]any) (b booker, wrong *broken) {
	contained, _ := sent["contained"].([]any)
	if len(contained) != 1 {
		return b, unfit("contained is not exactly the booking organisation")
	}
	o, _ := contained[0].(map[string]any)
	id, _ := o["id"].(string)
	name, _ := o["name"].(string)
	codes := identifiers(o)[odsSystem]
	switch {
	case o["resourceType"] != "Organization" || id == "":
		return b, unfit("contained is not an Organization with an id")
	case len(codes) != 1:
		return b, unfit("the booking organisation has not exactly one ODS code")
	case name == "":
		return b, unfit("the booking organisation has no name")
	case !hasPhone(o):
		return b, unfit("the booking organisation has no phone number")
	}
	b.ods = codes[0]
	if b.kind, wrong = organisationType(o); wrong != nil {
		return b, wrong
	}
	named := extensionsNamed(sent, bookingOrganisation)
	if len(named) != 1 {
		return b, unfit("the extension of the booking organisation is not there once")
	}
	if to, _ := named[0]["valueReference"].(map[string]any); to["reference"] != "#"+id {
		return b, unfit("the extension of the booking organisation does not refer to the contained one")
	}
	return b, nil
}

func hasPhone(organisation map[string]any) bool {
	list, _ := organisation["telecom"].([]any)
	return slices.ContainsFunc(list, func(t any) bool {
		point, _ := t.(map[string]any)
		value, _ := point["value"].(string)
		return point["system"] == "phone" && value != ""
	})
}

// organisationType is the type of the booking organisation, which is sent if it was searched
// with.
func organisationType(organisation map[string]any) (string, *broken) {
	list, there := organisation["type"].([]any)
	if !there || len(list) == 0 {
		return "", nil
	}
	for _, t := range list {
		concept, _ := t.(map[string]any)
		codings, _ := concept["coding"].([]any)
		for _, x := range codings {
			coding, _ := x.(map[string]any)
			if code, _ := coding["code"].(string); coding["system"] == organisationTypes && code != "" {
				return code, nil
			}
		}
	}
	return "", unfit("the booking organisation's type is not of GPConnect-OrganisationType-1")
}
