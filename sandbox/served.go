package sandbox

// Interaction is one that a practice of the sandbox answers.
type Interaction struct{ ID, Method, Path, Scope string }

// Interactions lists what the sandbox's practices answer, in the table's order. What is in
// the directory and answered 501 is not among it.
func Interactions() []Interaction {
	var served []Interaction
	for _, r := range interactionTable() {
		if r.handle != nil {
			served = append(served, Interaction{r.interaction, r.method, r.path, r.scope})
		}
	}
	return served
}
