package fhir

// DomainResource is what every view has: the resource it was read from (Type, ID, Raw,
// Contained) and the members common to all.
//
// A few resources have a member "type" of their own; there view.Type is that member and
// view.Resource.Type the resource's type.
type DomainResource struct {
	Resource `json:"-"`

	// Odd are the paths (JSON pointers into Raw, /name/0/given) of members that could not be
	// read: something is there, and the view does not show it. At most 1000 are kept.
	Odd []string `json:"-"`

	Meta              Meta       `json:"meta"`
	Language          string     `json:"language"`
	Text              Narrative  `json:"text"`
	Extension         Extensions `json:"extension"`
	ModifierExtension Extensions `json:"modifierExtension"`
}

func (d *DomainResource) domain() *DomainResource { return d }

// Meta is a resource's metadata.
type Meta struct {
	VersionID   string     `json:"versionId,omitzero"` // what If-Match quotes
	LastUpdated Date       `json:"lastUpdated,omitzero"`
	Profile     []string   `json:"profile,omitzero"`
	Security    []Coding   `json:"security,omitzero"` // NOPAT is here
	Tag         []Coding   `json:"tag,omitzero"`
	Extension   Extensions `json:"extension,omitzero"`
}

// HasSecurity says whether one of the security labels has the code, in any system.
func (m Meta) HasSecurity(code string) bool {
	for _, c := range m.Security {
		if c.Code == code {
			return true
		}
	}
	return false
}

// Narrative is a resource's own rendering; its Div is XHTML and not to be trusted.
type Narrative struct {
	Status string `json:"status,omitzero"`
	Div    string `json:"div,omitzero"`
}

// Reference points to another resource, or only names it.
type Reference struct {
	Reference  string      `json:"reference,omitzero"` // "Type/id" or "#id"
	Identifier *Identifier `json:"identifier,omitzero"`
	Display    string      `json:"display,omitzero"`
	Extension  Extensions  `json:"extension,omitzero"`
}

func (r *Reference) setText(s string) { r.Reference = s }

// IsZero says whether there is nothing in the reference.
func (r Reference) IsZero() bool {
	return r.Reference == "" && r.Identifier == nil && r.Display == "" && len(r.Extension) == 0
}

// DisplayOnly says whether there is a text and nothing to follow: the item exists at the
// practice and was not sent.
func (r Reference) DisplayOnly() bool {
	return r.Reference == "" && r.Identifier == nil && r.Display != ""
}

// Identifier is a business identifier.
type Identifier struct {
	Use       string          `json:"use,omitzero"`
	Type      CodeableConcept `json:"type,omitzero"`
	System    string          `json:"system,omitzero"`
	Value     string          `json:"value,omitzero"`
	Period    Period          `json:"period,omitzero"`
	Assigner  *Reference      `json:"assigner,omitzero"`
	Extension Extensions      `json:"extension,omitzero"` // an NHS number's verification status
}

// HumanName is a name. Practitioners' names may lack a prefix and even a family name.
type HumanName struct {
	Use    string   `json:"use,omitzero"`
	Text   string   `json:"text,omitzero"`
	Family string   `json:"family,omitzero"`
	Given  []string `json:"given,omitzero"`
	Prefix []string `json:"prefix,omitzero"`
	Suffix []string `json:"suffix,omitzero"`
	Period Period   `json:"period,omitzero"`
}

func (n *HumanName) setText(s string) { n.Text = s }

// Address is a postal address.
type Address struct {
	Use        string   `json:"use,omitzero"`
	Type       string   `json:"type,omitzero"`
	Text       string   `json:"text,omitzero"`
	Line       []string `json:"line,omitzero"`
	City       string   `json:"city,omitzero"`
	District   string   `json:"district,omitzero"`
	State      string   `json:"state,omitzero"`
	PostalCode string   `json:"postalCode,omitzero"`
	Country    string   `json:"country,omitzero"`
	Period     Period   `json:"period,omitzero"`
}

func (a *Address) setText(s string) { a.Text = s }

// ContactPoint is a telephone number, an e-mail address and so on.
type ContactPoint struct {
	System string  `json:"system,omitzero"`
	Value  string  `json:"value,omitzero"`
	Use    string  `json:"use,omitzero"`
	Rank   Decimal `json:"rank,omitzero"`
	Period Period  `json:"period,omitzero"`
}

// Period is a stretch of time; an absent end is open.
type Period struct {
	Start     Date       `json:"start,omitzero"`
	End       Date       `json:"end,omitzero"`
	Extension Extensions `json:"extension,omitzero"`
}

// IsZero says whether there is nothing in the period.
func (p Period) IsZero() bool { return p.Start == "" && p.End == "" && len(p.Extension) == 0 }

// Annotation is a note.
type Annotation struct {
	AuthorReference *Reference `json:"authorReference,omitzero"`
	AuthorString    string     `json:"authorString,omitzero"`
	Time            Date       `json:"time,omitzero"`
	Text            string     `json:"text,omitzero"`
}

func (a *Annotation) setText(s string) { a.Text = s }

// Attachment is a document or where to get it.
type Attachment struct {
	ContentType string  `json:"contentType,omitzero"`
	Language    string  `json:"language,omitzero"`
	Data        string  `json:"data,omitzero"` // base64
	URL         string  `json:"url,omitzero"`  // absent for a placeholder; Title says why
	Size        Decimal `json:"size,omitzero"` // bytes
	Hash        string  `json:"hash,omitzero"`
	Title       string  `json:"title,omitzero"`
	Creation    Date    `json:"creation,omitzero"`
}
