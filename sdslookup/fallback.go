package sdslookup

import (
	"context"
	"errors"
)

// Chain asks directories one after the other.
type Chain struct{ dirs []Directory }

// Fallback asks the first directory, and the next one only where it could not answer: it does not hold that
// (ErrNotKnown), did not answer (ErrUnavailable), or could not be talked to (ErrTLS, ErrRefused). "Not found" and
// "ambiguous" are answers, and final: the next directory must not overrule them.
func Fallback(dirs ...Directory) *Chain { return &Chain{dirs} }

// Endpoint asks each directory in turn.
func (c *Chain) Endpoint(ctx context.Context, ods string, id Interaction) (Endpoint, error) {
	return inTurn(ctx, c, func(d Directory) (Endpoint, error) { return d.Endpoint(ctx, ods, id) })
}

// OwnASID asks each directory that is a Registry in turn.
func (c *Chain) OwnASID(ctx context.Context, q OwnQuery) (string, error) {
	return inTurn(ctx, c, func(d Directory) (string, error) {
		if r, ok := d.(Registry); ok {
			return r.OwnASID(ctx, q)
		}
		return "", &Error{Kind: ErrNotKnown, Step: StepOwn, ODS: q.ODS, Interaction: q.Interaction}
	})
}

// Organisation asks each directory that is a Registry in turn.
func (c *Chain) Organisation(ctx context.Context, ods string) (Organisation, error) {
	return inTurn(ctx, c, func(d Directory) (Organisation, error) {
		if r, ok := d.(Registry); ok {
			return r.Organisation(ctx, ods)
		}
		return Organisation{}, &Error{Kind: ErrNotKnown, Step: StepOrganisation, ODS: ods}
	})
}

// inTurn returns the first answer, or, when there is none, the failure that matters most: a directory that
// might have known before one that could not.
func inTurn[T any](ctx context.Context, c *Chain, ask func(Directory) (T, error)) (T, error) {
	var none T
	var kept error
	for _, d := range c.dirs {
		answer, err := ask(d)
		if err == nil {
			return answer, nil
		}
		if !movesOn(err) || ctx.Err() != nil {
			return none, err
		}
		if kept == nil || errors.Is(kept, ErrNotKnown) {
			kept = err
		}
	}
	if kept == nil {
		kept = &Error{Kind: ErrNotKnown, Err: errors.New("there is no directory to ask")}
	}
	return none, kept
}

func movesOn(err error) bool {
	return errors.Is(err, ErrNotKnown) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrTLS) || errors.Is(err, ErrRefused)
}
