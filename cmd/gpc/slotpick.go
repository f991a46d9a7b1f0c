package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/client"
)

// slotPick are the slots that are to be booked: by their ids, searched for again, or as
// gpc slots has printed them. A slot cannot be read by its id, and a booking repeats where
// and with whom it is.
type slotPick struct {
	ids  []string
	file string
	slotFilter

	read  []client.Slot // of the file
	query client.SlotQuery
}

func (s *slotPick) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&s.ids, "slot", nil, "`id` of the slot; several with commas between, which adjoin each other, are one appointment")
	flags.StringVar(&s.file, "slots", "", "take the slot from this `file` instead of searching: what `gpc slots` printed as json or ndjson, - for stdin")
	s.slotFilter.addFlags(cmd)
}

func (s *slotPick) fromStdin() bool { return s.file == "-" }

// parse checks the flags and reads the file. A practice that is not named is the slot's.
func (s *slotPick) parse(a *app, ods *string) error {
	var wrong []error
	for i, id := range s.ids {
		s.ids[i] = strings.TrimSpace(id)
		switch {
		case s.ids[i] == "":
			wrong = append(wrong, &usageError{"--slot has an empty id", "give the ids that `gpc slots` prints, with commas between"})
		case slices.Contains(s.ids[:i], s.ids[i]):
			wrong = append(wrong, &usageError{"--slot has the same id twice", "name each slot once"})
		}
	}
	if s.file == "" {
		if len(s.ids) == 0 {
			wrong = append(wrong, &usageError{"no slot", "give its id with --slot, or --slots with what `gpc slots -f json` printed"})
		}
		var err error
		s.query, err = s.slotFilter.query(a)
		return errors.Join(append(wrong, err)...)
	}
	if s.from != "" || s.to != "" || s.anyType || s.anyOrganisation {
		wrong = append(wrong, &usageError{"both --slots and flags of a search", "what comes from a file is not searched for"})
	}
	data, err := readInput(a, s.file)
	if err == nil {
		s.read, err = decodeSlots(data)
	}
	if err == nil {
		s.read, err = s.choose(s.read, *ods)
	}
	if err == nil && *ods == "" {
		*ods = s.read[0].ODS
	}
	return errors.Join(append(wrong, err)...)
}

// decodeSlots reads a list, or one object after the other.
func decodeSlots(data []byte) (slots []client.Slot, err error) {
	if list := bytes.TrimSpace(data); len(list) > 0 && list[0] == '[' {
		err = json.Unmarshal(list, &slots)
	} else {
		for d := json.NewDecoder(bytes.NewReader(data)); err == nil; {
			var s client.Slot
			if err = d.Decode(&s); err == nil {
				slots = append(slots, s)
			}
		}
	}
	isNone := func(s client.Slot) bool { return s.ODS == "" || s.ID == "" }
	if err != nil && !errors.Is(err, io.EOF) || slices.ContainsFunc(slots, isNone) {
		return nil, &usageError{"--slots names no list of slots", "give what `gpc slots -f json` or -f ndjson printed, all of it or some"}
	}
	return slots, nil
}

// choose takes from a file's slots those of the practice and of --slot. Without ids the
// file must leave no choice: nobody wants the whole list booked.
func (s *slotPick) choose(all []client.Slot, ods string) ([]client.Slot, error) {
	if ods != "" {
		all = slices.DeleteFunc(slices.Clone(all), func(x client.Slot) bool { return x.ODS != ods })
	}
	switch {
	case len(all) == 0:
		return nil, &goneError{"--slots has no slot of the practice", "search again with `gpc slots`"}
	case len(s.ids) == 0 && len(all) > 1:
		return nil, &usageError{fmt.Sprintf("--slots has %d slots", len(all)), "say with --slot which is meant"}
	case len(s.ids) == 0:
		return all, nil
	}
	chosen, err := byID(all, s.ids, "in what --slots names")
	if err == nil && slices.ContainsFunc(chosen, func(x client.Slot) bool { return x.ODS != chosen[0].ODS }) {
		return nil, &usageError{"the slots are of several practices", "say with --ods which is meant"}
	}
	return chosen, err
}

// byID finds each id once, in the order given.
func byID(all []client.Slot, ids []string, where string) (chosen []client.Slot, err error) {
	for _, id := range ids {
		of := slices.DeleteFunc(slices.Clone(all), func(x client.Slot) bool { return x.ID != id })
		switch {
		case len(of) == 0:
			return nil, &goneError{
				fmt.Sprintf("slot %s is not %s", shown(id), where),
				"`gpc slots` lists those that are free; --from and --to say when to look",
			}
		case len(of) > 1:
			return nil, &usageError{fmt.Sprintf("slot %s is there of several practices", shown(id)), "say with --ods which is meant"}
		}
		chosen = append(chosen, of[0])
	}
	return chosen, nil
}

// find gives the slots, which may mean to search for them.
func (s *slotPick) find(ctx context.Context, p *client.Practice) ([]client.Slot, error) {
	if s.file != "" {
		return s.read, nil
	}
	free, err := p.SearchSlots(ctx, s.query)
	if err != nil {
		return nil, err
	}
	return byID(free, s.ids, fmt.Sprintf("among the %d that %s has free from %s to %s", len(free), p.ODS(), s.query.From, s.query.To))
}
