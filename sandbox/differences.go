package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Differences are the names of what the sandbox does differently on purpose, because the
// specification leaves it open. All are on unless Config.Plain is set or Config.Off names
// them.
//
//	shuffle         entries of a Bundle come in another order each time
//	extensions      an extension that nobody knows, in every resource
//	elements        an element that nobody knows, in every resource
//	roots           another host and another path for each capability of a practice
//	gzip            some answers compressed, if the request allows it
//	chunked         some answers without Content-Length
//	attribute-case  the directory spells attribute names in a case of its own
//	second-system   every practice has a second accredited system under another party key
//	trace-once      the proxy refuses an Ssp-TraceID it has seen before
//	busy-slots      one appointment slot in five is taken from the beginning
//	expires-in      the token endpoint says how long a token lives as a number at times
//	write-etag      some writes are answered with an ETag, too
func Differences() []string {
	return []string{"shuffle", "extensions", "elements", "roots", "gzip", "chunked", "attribute-case", "second-system", "trace-once", "busy-slots", "expires-in", "write-etag"}
}

// differences is which are on, and the seed that everything random about them comes from.
type differences struct {
	seed   uint64
	active map[string]bool
}

func newDifferences(seed uint64, plain bool, off []string) (differences, error) {
	d := differences{seed: seed, active: map[string]bool{}}
	for _, name := range off {
		if !slices.Contains(Differences(), name) {
			return d, fmt.Errorf("sandbox: there is no difference named %q; there are %s", name, strings.Join(Differences(), ", "))
		}
	}
	for _, name := range Differences() {
		d.active[name] = !plain && !slices.Contains(off, name)
	}
	return d, nil
}

func (d differences) on(name string) bool { return d.active[name] }

// dice are the same for the same seed and the same n, such as a request's place in the
// history.
func (d differences) dice(n uint64) *rand.Rand { return rand.New(rand.NewPCG(d.seed, n)) }

// serviceRoot is a practice's address for a capability.
func (d differences) serviceRoot(ods string, c capability) string {
	if !d.on("roots") {
		return "https://provider.sandbox.example/" + ods + "/STU3/1/" + capabilityPath(c)
	}
	dice := d.dice(1000 + uint64(c))
	return fmt.Sprintf("https://%s-%d.sandbox.example/%s/%s/STU3/1/%s", c, dice.IntN(900)+100, scramble(dice, 5), ods, capabilityPath(c))
}

// attributeName is how the directory spells an attribute's name in its answers.
func (d differences) attributeName(name string) string {
	if !d.on("attribute-case") {
		return name
	}
	h := uint64(0)
	for _, c := range name {
		h = h*31 + uint64(c)
	}
	dice := d.dice(h)
	b := []byte(name)
	for i := range b {
		if letter := b[i] | 0x20; letter >= 'a' && letter <= 'z' && dice.IntN(2) == 0 {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

// scramble is n letters and digits in mixed case.
func scramble(dice *rand.Rand, n int) string {
	const letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[dice.IntN(len(letters))]
	}
	return string(b)
}
