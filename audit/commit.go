package audit

import "time"

// commit writes what waits with one write and, if someone waits for it, one
// sync. It reports whether it was the last.
func (j *Journal) commit() (last bool) {
	j.mu.Lock()
	batch, unbegun, unended := j.queue, j.unbegun, j.unended
	last = j.closed
	if len(batch) > 0 {
		j.queue, j.spare, j.passed = j.spare[:0], nil, true
	}
	j.mu.Unlock()
	if len(batch) == 0 && !last {
		return false
	}
	awaited := last && j.store.unsynced
	bodies := j.bodies[:0]
	if unbegun+unended > 0 {
		bodies = append(bodies, j.resumed(unbegun, unended))
	}
	for _, line := range batch {
		bodies = append(bodies, line.body)
		awaited = awaited || last || line.awaited()
	}
	if len(bodies) == 0 && !awaited {
		return last
	}
	began := time.Now()
	j.last = j.store.append(bodies, awaited)
	clear(bodies)
	j.bodies = bodies
	if awaited {
		j.took = time.Since(began)
	}
	j.settle(batch, unbegun, unended)
	return last
}

// resumed is the line that says what the journal could not record.
func (j *Journal) resumed(unbegun, unended int) []byte {
	body, _ := Entry{Kind: Resumed, Time: j.now().UTC(), Unbegun: unbegun, Unended: unended}.body() // two numbers: always JSON, and short
	return body
}

// settle tells the outcome to those who wait. After a failure the lines that
// nobody waits for stay in the queue, in their order, for the next attempt.
func (j *Journal) settle(batch []*item, unbegun, unended int) {
	j.mu.Lock()
	if j.last == nil {
		j.unbegun -= unbegun
		j.unended -= unended
	} else {
		var again []*item
		for _, line := range batch {
			switch {
			case line.awaited():
				j.unbegun++
			case len(again)+len(j.queue) >= j.room:
				j.unended++
			default:
				again = append(again, line)
			}
		}
		j.queue = append(again, j.queue...)
		if len(again) > 0 && !j.armed && !j.closed { // there may be no call any more that would take them along
			j.armed, j.passed = true, false
			j.soon.Reset(j.pause)
		}
	}
	j.mu.Unlock()
	for _, line := range batch {
		switch {
		case line.awaited():
			line.done <- j.last // from here on it is the caller's
		case j.last == nil:
			j.reuse(line)
		}
	}
	j.mu.Lock()
	clear(batch)
	j.spare = batch
	j.mu.Unlock()
}
