package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gpconnect-go/gpc/fhir"
	"github.com/gpconnect-go/gpc/record"
)

// queryFlags are what of a record is asked for.
type queryFlags struct {
	include []string
	preset  string

	medicationSince                         string
	withoutIssues, withoutResolved          bool
	consultationPeriod, uncategorisedPeriod string
	investigationPeriod, referralPeriod     string
	consultationLast                        int
	problemStatus, problemSignificance      string
	notGiven                                bool
	withoutStatus                           bool
	diaryUntil                              string
	changed                                 func(flag string) bool
}

func (q *queryFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	q.changed = flags.Changed
	flags.StringSliceVar(&q.include, "include", nil, "`areas` to ask for: "+strings.Join(record.AreaNames(), ", ")+" (all)")
	flags.StringVar(&q.preset, "preset", "", "a predefined `question`: summary, paediatric, full")
	flags.StringVar(&q.medicationSince, "medication-since", "", "medication active on or after a `day`")
	flags.BoolVar(&q.withoutIssues, "without-issues", false, "medication without its issues")
	flags.BoolVar(&q.withoutResolved, "without-resolved", false, "allergies without those that have ended")
	flags.StringVar(&q.consultationPeriod, "consultation-period", "", "consultations on the `days` from..to, either side may be left out")
	flags.IntVar(&q.consultationLast, "consultation-last", 0, "the latest `n` consultations")
	flags.StringVar(&q.problemStatus, "problem-status", "", "problems that are active or inactive")
	flags.StringVar(&q.problemSignificance, "problem-significance", "", "problems that are major or minor (until GP Connect 1.6.1)")
	flags.BoolVar(&q.notGiven, "not-given", false, "immunisations that were not given, as well")
	flags.BoolVar(&q.withoutStatus, "without-status", false, "immunisations without notes of consent and dissent")
	flags.StringVar(&q.uncategorisedPeriod, "uncategorised-period", "", "uncategorised data of the `days` from..to")
	flags.StringVar(&q.investigationPeriod, "investigation-period", "", "investigations of the `days` from..to")
	flags.StringVar(&q.referralPeriod, "referral-period", "", "referrals of the `days` from..to")
	flags.StringVar(&q.diaryUntil, "diary-until", "", "diary entries due on or before a `day`")
}

// query builds the question. What the specification forbids is refused when it
// is put together; here is refused what cannot be meant.
func (q *queryFlags) query() (record.Query, error) {
	base, err := q.base()
	if err != nil {
		return base, err
	}
	var wrong []error
	part := func(flag string, asked bool, set func() error) {
		switch {
		case !q.changed(flag):
		case !asked:
			wrong = append(wrong, &usageError{fmt.Sprintf("--%s is about an area that is not asked for", flag), "name the area with --include"})
		default:
			wrong = append(wrong, set())
		}
	}
	part("medication-since", base.Medications != nil, func() (err error) {
		base.Medications.Since, err = day("medication-since", q.medicationSince)
		return err
	})
	part("without-issues", base.Medications != nil, func() error { base.Medications.WithoutIssues = q.withoutIssues; return nil })
	part("without-resolved", base.Allergies != nil, func() error { base.Allergies.WithoutResolved = q.withoutResolved; return nil })
	part("consultation-period", base.Consultations != nil, func() error {
		period, err := days("consultation-period", q.consultationPeriod)
		base.Consultations.Which = record.Within(period)
		return err
	})
	part("consultation-last", base.Consultations != nil, func() error {
		if q.changed("consultation-period") {
			return &usageError{"both --consultation-period and --consultation-last", "give one of them"}
		}
		base.Consultations.Which = record.MostRecent(q.consultationLast)
		return nil
	})
	part("problem-status", base.Problems != nil, func() error { base.Problems.Status = record.ProblemStatus(q.problemStatus); return nil })
	part("problem-significance", base.Problems != nil, func() error {
		base.Problems.Significance = record.ProblemSignificance(q.problemSignificance)
		return nil
	})
	part("not-given", base.Immunisations != nil, func() error { base.Immunisations.NotGiven = boolOf(q.notGiven); return nil })
	part("without-status", base.Immunisations != nil, func() error { base.Immunisations.Status = boolOf(!q.withoutStatus); return nil })
	part("uncategorised-period", base.Uncategorised != nil, func() (err error) {
		base.Uncategorised.Within, err = days("uncategorised-period", q.uncategorisedPeriod)
		return err
	})
	part("investigation-period", base.Investigations != nil, func() (err error) {
		base.Investigations.Within, err = days("investigation-period", q.investigationPeriod)
		return err
	})
	part("referral-period", base.Referrals != nil, func() (err error) {
		base.Referrals.Within, err = days("referral-period", q.referralPeriod)
		return err
	})
	part("diary-until", base.Diary != nil, func() (err error) {
		base.Diary.Until, err = day("diary-until", q.diaryUntil)
		return err
	})
	return base, errors.Join(wrong...)
}

// base is the question before its parts.
func (q *queryFlags) base() (record.Query, error) {
	switch {
	case q.preset != "" && len(q.include) > 0:
		return record.Query{}, &usageError{"both --preset and --include", "give one of them"}
	case q.preset == "summary":
		return record.Summary(), nil
	case q.preset == "paediatric":
		return record.Paediatric(), nil
	case q.preset != "" && q.preset != "full":
		return record.Query{}, &usageError{fmt.Sprintf("no preset %q", q.preset), "choose one of: summary, paediatric, full"}
	case len(q.include) == 0:
		return record.Full(), nil
	}
	for _, name := range q.include {
		if !slices.Contains(record.AreaNames(), name) {
			return record.Query{}, &usageError{fmt.Sprintf("no area %q", name), "--include takes: " + strings.Join(record.AreaNames(), ", ")}
		}
	}
	return record.Only(q.include...)
}

func boolOf(b bool) fhir.Bool {
	if b {
		return fhir.True
	}
	return fhir.False
}

// day reads 2026-01-31, or +30d and -365d from today.
func day(flag, s string) (record.Day, error) {
	if number, ok := strings.CutSuffix(s, "d"); ok && strings.ContainsAny(s[:1], "+-") {
		if n, err := strconv.Atoi(number); err == nil {
			return record.FromToday(n), nil
		}
	}
	d, err := record.ParseDay(s)
	if err != nil {
		return d, &usageError{fmt.Sprintf("--%s: %q is no day", flag, s), "write it as 2026-01-31, or as -365d from today"}
	}
	return d, nil
}

// days reads from..to, either side of which may be missing.
func days(flag, s string) (record.Days, error) {
	from, to, ok := strings.Cut(s, "..")
	if !ok {
		return record.Days{}, &usageError{fmt.Sprintf("--%s: %q is no stretch of days", flag, s), "write it as 2025-01-01..2025-12-31; either side may be left out"}
	}
	var period record.Days
	var wrong []error
	for _, side := range []struct {
		text string
		into *record.Day
	}{{from, &period.From}, {to, &period.To}} {
		if side.text == "" {
			continue
		}
		d, err := day(flag, side.text)
		wrong, *side.into = append(wrong, err), d
	}
	return period, errors.Join(wrong...)
}
