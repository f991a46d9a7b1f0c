package fhir

import "strings"

// Code systems that the reading of a record turns on.
const (
	SNOMED = "http://snomed.info/sct" // dm+d products too
	ReadV2 = "http://read.info/readv2"
	CTV3   = "http://read.info/ctv3"
)

// Coding is one code of one system.
type Coding struct {
	System       string     `json:"system,omitzero"`
	Version      string     `json:"version,omitzero"`
	Code         string     `json:"code,omitzero"`
	Display      string     `json:"display,omitzero"`
	UserSelected Bool       `json:"userSelected,omitzero"`
	Extension    Extensions `json:"extension,omitzero"`
}

// Description is the wording that was chosen on the GP's screen, from the SNOMED
// description extension; "" where the provider sends only its id or nothing.
func (c Coding) Description() string {
	e := c.Extension.find("coding-sctdescid")
	if e == nil {
		e = c.Extension.find("coding-sctdecsid") // is seen, too
	}
	if e == nil {
		return ""
	}
	if display := e.Extension.find("descriptionDisplay"); display != nil {
		return display.Text()
	}
	return ""
}

// IsNullFlavour says whether the code only says that there is none (UNK, NI, UNC, ASKU).
func (c Coding) IsNullFlavour() bool {
	return strings.HasSuffix(c.System, "/NullFlavor") || strings.HasSuffix(c.System, "/v3-NullFlavor")
}

// CodeableConcept is a meaning as text, as codes of several systems, or both.
type CodeableConcept struct {
	Coding    []Coding   `json:"coding,omitzero"`
	Text      string     `json:"text,omitzero"`
	Extension Extensions `json:"extension,omitzero"`
}

func (c *CodeableConcept) setText(s string) { c.Text = s }

// IsZero says whether there is nothing in the concept.
func (c CodeableConcept) IsZero() bool {
	return len(c.Coding) == 0 && c.Text == "" && len(c.Extension) == 0
}

// Display is what to show: the text, which is what the GP's screen shows and differs from
// the codes on purpose; else the SNOMED description; else SNOMED's display; else the first
// display of another system; else a code.
func (c CodeableConcept) Display() string {
	if c.Text != "" {
		return c.Text
	}
	var snomed, other, code string
	for _, k := range c.Coding {
		if d := k.Description(); d != "" {
			return d
		}
		if k.System == SNOMED {
			snomed = firstOf(snomed, k.Display)
		} else {
			other = firstOf(other, k.Display)
		}
		code = firstOf(code, k.Code)
	}
	return firstOf(snomed, other, code)
}

// Has says whether one of the codings is that code. Real data often has a Read code first
// and the SNOMED code second, so that every coding counts.
func (c CodeableConcept) Has(system, code string) bool {
	for _, k := range c.Coding {
		if k.System == system && k.Code == code {
			return true
		}
	}
	return false
}

// AnyCode says whether one of the codings has one of the codes, in whatever system.
func (c CodeableConcept) AnyCode(codes ...string) bool {
	for _, k := range c.Coding {
		for _, code := range codes {
			if k.Code == code {
				return true
			}
		}
	}
	return false
}

// Code is the first code in the system, or "".
func (c CodeableConcept) Code(system string) string {
	for _, k := range c.Coding {
		if k.System == system && k.Code != "" {
			return k.Code
		}
	}
	return ""
}

// SNOMED codes that stand for what was lost between two GP systems; what was meant is in
// the text alone.
const (
	DegradedMedication  = "196421000000109"
	DegradedDrugAllergy = "196461000000101" // decision support cannot be relied on
	DegradedRecordEntry = "196411000000103"
)

// Degraded says whether the code was lost in a transfer between practices.
func (c CodeableConcept) Degraded() bool {
	return c.Has(SNOMED, DegradedMedication) || c.Has(SNOMED, DegradedDrugAllergy) || c.Has(SNOMED, DegradedRecordEntry)
}
