package fhir

import "time"

// dateParts is a Date taken apart; zone is nil where none was written.
type dateParts struct {
	precision                                    Precision
	year, month, day, hour, minute, second, nano int
	zone                                         *time.Location
}

// parse goes by the grammar of STU3's dateTime, and besides takes a time without a zone
// and one without seconds. It allocates only for an offset.
func (d Date) parse() dateParts {
	c := dateCursor{rest: string(d)}
	p := dateParts{month: 1, day: 1}
	p.year = c.number(4)
	p.precision = Year
	if c.skip('-') {
		p.month = c.between(1, 12)
		p.precision = Month
		if c.skip('-') {
			p.day = c.between(1, daysIn(p.year, p.month))
			p.precision = Day
			if c.skip('T') {
				c.time(&p)
			}
		}
	}
	if c.bad || c.rest != "" || p.year == 0 {
		return dateParts{}
	}
	return p
}

func (c *dateCursor) time(p *dateParts) {
	p.hour = c.between(0, 23)
	if !c.skip(':') {
		c.bad = true
	}
	p.minute = c.between(0, 59)
	p.precision = Minute
	if c.skip(':') {
		p.second = c.between(0, 60) // 60 is a leap second, and becomes the next minute
		p.precision = Second
		if c.skip('.') {
			p.nano = c.fraction()
			p.precision = Fraction
		}
	}
	p.zone = c.zone()
}

// A dateCursor eats a date from the left and remembers when something did not fit.
type dateCursor struct {
	rest string
	bad  bool
}

func (c *dateCursor) skip(b byte) bool {
	if c.rest == "" || c.rest[0] != b {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

// number reads exactly n digits.
func (c *dateCursor) number(n int) int {
	if len(c.rest) < n {
		c.bad = true
		return 0
	}
	value := 0
	for _, b := range []byte(c.rest[:n]) {
		if b < '0' || b > '9' {
			c.bad = true
			return 0
		}
		value = value*10 + int(b-'0')
	}
	c.rest = c.rest[n:]
	return value
}

// between reads two digits that must lie between low and high.
func (c *dateCursor) between(low, high int) int {
	n := c.number(2)
	if n < low || n > high {
		c.bad = true
	}
	return n
}

// fraction reads the digits after the point as nanoseconds; those beyond the ninth are
// passed over.
func (c *dateCursor) fraction() int {
	digits, rest := cutDigits(c.rest)
	c.rest = rest
	if digits == "" {
		c.bad = true
	}
	nano, unit := 0, 100_000_000
	for _, b := range []byte(digits) {
		nano += int(b-'0') * unit
		unit /= 10
	}
	return nano
}

func (c *dateCursor) zone() *time.Location {
	if c.rest == "" {
		return nil
	}
	if c.skip('Z') {
		return time.UTC
	}
	sign := 1
	if c.skip('-') {
		sign = -1
	} else if !c.skip('+') {
		c.bad = true
	}
	hours := c.between(0, 14)
	if !c.skip(':') {
		c.bad = true
	}
	minutes := c.between(0, 59)
	if c.bad || hours == 0 && minutes == 0 {
		return time.UTC
	}
	return time.FixedZone("", sign*(hours*3600+minutes*60))
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
