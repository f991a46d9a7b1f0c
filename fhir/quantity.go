package fhir

// Quantity is a measured amount. In most real records Unit is all there is to the unit,
// and of a prescribed quantity it may be in an extension (MedicationQuantityText).
type Quantity struct {
	Value      Decimal    `json:"value,omitzero"`
	Comparator string     `json:"comparator,omitzero"` // <, <=, >=, >
	Unit       string     `json:"unit,omitzero"`
	System     string     `json:"system,omitzero"`
	Code       string     `json:"code,omitzero"`
	Extension  Extensions `json:"extension,omitzero"`
}

// String is the quantity as it is read out: "<5 mmol/L". The unit is the code where there
// is no text for it.
func (q Quantity) String() string {
	unit := q.Unit
	if unit == "" {
		unit = q.Code
	}
	s := q.Comparator + string(q.Value)
	if s != "" && unit != "" {
		s += " "
	}
	return s + unit
}

// Range is from Low to High, both included, either open.
type Range struct {
	Low  *Quantity `json:"low,omitzero"`
	High *Quantity `json:"high,omitzero"`
}

// Ratio is a numerator over a denominator.
type Ratio struct {
	Numerator   *Quantity `json:"numerator,omitzero"`
	Denominator *Quantity `json:"denominator,omitzero"`
}

// SampledData is a series of measurements.
type SampledData struct {
	Origin     *Quantity `json:"origin,omitzero"`
	Period     Decimal   `json:"period,omitzero"` // milliseconds
	Factor     Decimal   `json:"factor,omitzero"`
	LowerLimit Decimal   `json:"lowerLimit,omitzero"`
	UpperLimit Decimal   `json:"upperLimit,omitzero"`
	Dimensions Decimal   `json:"dimensions,omitzero"`
	Data       string    `json:"data,omitzero"`
}

// Dosage is an instruction. Text is what the GP wrote and what is shown; the structured
// members are there only from some providers, and never instead of it.
type Dosage struct {
	Sequence                 Decimal           `json:"sequence,omitzero"`
	Text                     string            `json:"text,omitzero"`
	AdditionalInstruction    []CodeableConcept `json:"additionalInstruction,omitzero"`
	PatientInstruction       string            `json:"patientInstruction,omitzero"`
	Timing                   *Timing           `json:"timing,omitzero"`
	AsNeededBoolean          Bool              `json:"asNeededBoolean,omitzero"`
	AsNeededCodeableConcept  *CodeableConcept  `json:"asNeededCodeableConcept,omitzero"`
	Site                     CodeableConcept   `json:"site,omitzero"`
	Route                    CodeableConcept   `json:"route,omitzero"`
	Method                   CodeableConcept   `json:"method,omitzero"`
	DoseQuantity             *Quantity         `json:"doseQuantity,omitzero"`
	DoseRange                *Range            `json:"doseRange,omitzero"`
	MaxDosePerPeriod         *Ratio            `json:"maxDosePerPeriod,omitzero"`
	MaxDosePerAdministration *Quantity         `json:"maxDosePerAdministration,omitzero"`
	MaxDosePerLifetime       *Quantity         `json:"maxDosePerLifetime,omitzero"`
	RateRatio                *Ratio            `json:"rateRatio,omitzero"`
	RateRange                *Range            `json:"rateRange,omitzero"`
	RateQuantity             *Quantity         `json:"rateQuantity,omitzero"`
}

func (d *Dosage) setText(s string) { d.Text = s }

// Timing is when something is to be done.
type Timing struct {
	Event  []Date          `json:"event,omitzero"`
	Repeat *TimingRepeat   `json:"repeat,omitzero"`
	Code   CodeableConcept `json:"code,omitzero"`
}

// TimingRepeat is how often, in FHIR's terms.
type TimingRepeat struct {
	BoundsDuration *Quantity `json:"boundsDuration,omitzero"`
	BoundsRange    *Range    `json:"boundsRange,omitzero"`
	BoundsPeriod   *Period   `json:"boundsPeriod,omitzero"`
	Count          Decimal   `json:"count,omitzero"`
	CountMax       Decimal   `json:"countMax,omitzero"`
	Duration       Decimal   `json:"duration,omitzero"`
	DurationMax    Decimal   `json:"durationMax,omitzero"`
	DurationUnit   string    `json:"durationUnit,omitzero"`
	Frequency      Decimal   `json:"frequency,omitzero"`
	FrequencyMax   Decimal   `json:"frequencyMax,omitzero"`
	Period         Decimal   `json:"period,omitzero"`
	PeriodMax      Decimal   `json:"periodMax,omitzero"`
	PeriodUnit     string    `json:"periodUnit,omitzero"`
	DayOfWeek      []string  `json:"dayOfWeek,omitzero"`
	TimeOfDay      []string  `json:"timeOfDay,omitzero"`
	When           []string  `json:"when,omitzero"`
	Offset         Decimal   `json:"offset,omitzero"` // minutes before or after When
}
