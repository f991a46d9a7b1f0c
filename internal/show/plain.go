package show

import "strings"

// Plain is text from the other side fit for one line of a terminal: what would move the
// cursor, change the terminal or be there unseen is replaced by something that is seen.
func Plain(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }
