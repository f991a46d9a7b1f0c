package fhir

// CapabilityStatement is what a provider says it can do; a claim, not a promise.
type CapabilityStatement struct {
	DomainResource
	URL            string                   `json:"url"`
	Version        string                   `json:"version"` // of GP Connect's API, 1.2.7
	Name           string                   `json:"name"`
	Title          string                   `json:"title"`
	Status         string                   `json:"status"`
	Date           Date                     `json:"date"`
	Publisher      string                   `json:"publisher"`
	Description    string                   `json:"description"`
	Copyright      string                   `json:"copyright"`
	Kind           string                   `json:"kind"`
	Software       CapabilitySoftware       `json:"software"`
	Implementation CapabilityImplementation `json:"implementation"`
	FHIRVersion    string                   `json:"fhirVersion"`
	AcceptUnknown  string                   `json:"acceptUnknown"`
	Format         []string                 `json:"format"`
	Profile        []Reference              `json:"profile"`
	Rest           []CapabilityRest         `json:"rest"`
}

func (*CapabilityStatement) resourceType() string { return "CapabilityStatement" }

// CapabilitySoftware is the provider's product.
type CapabilitySoftware struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	ReleaseDate Date   `json:"releaseDate"`
}

// CapabilityImplementation is the provider's installation.
type CapabilityImplementation struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

// CapabilityRest is what is offered over HTTP.
type CapabilityRest struct {
	Mode          string                `json:"mode"`
	Documentation string                `json:"documentation"`
	Resource      []CapabilityResource  `json:"resource"`
	Interaction   []CapabilityAction    `json:"interaction"`
	Operation     []CapabilityOperation `json:"operation"`
}

// CapabilityResource is what is offered for one type of resource.
type CapabilityResource struct {
	Type             string             `json:"type"`
	Profile          Reference          `json:"profile"`
	Documentation    string             `json:"documentation"`
	Interaction      []CapabilityAction `json:"interaction"`
	Versioning       string             `json:"versioning"`
	ReadHistory      Bool               `json:"readHistory"`
	UpdateCreate     Bool               `json:"updateCreate"`
	SearchInclude    []string           `json:"searchInclude"`
	SearchRevInclude []string           `json:"searchRevInclude"`
	SearchParam      []CapabilitySearch `json:"searchParam"`
	ConditionalRead  string             `json:"conditionalRead"`
}

// CapabilityAction is one thing to do: read, search-type and so on.
type CapabilityAction struct {
	Code          string `json:"code"`
	Documentation string `json:"documentation"`
}

// CapabilitySearch is a search parameter.
type CapabilitySearch struct {
	Name          string `json:"name"`
	Definition    string `json:"definition"`
	Type          string `json:"type"`
	Documentation string `json:"documentation"`
}

// CapabilityOperation is an operation, gpc.getstructuredrecord for one.
type CapabilityOperation struct {
	Name       string    `json:"name"`
	Definition Reference `json:"definition"`
}
