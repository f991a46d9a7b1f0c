// Package audit keeps the journal of calls: who asked which practice what,
// about whom, when, and how it ended. It is what a consumer must be able to
// show of every attempt, also of those that were blocked (consumer
// obligations, GEN-05, SPN-TST-08 and 09).
//
//	key, err := audit.ReadKey("audit.key") // made once by audit.NewKey
//	j, err := audit.Open(audit.Config{Path: "audit.jsonl", Key: key})
//	defer j.Close()
//	c, err := client.New(client.Config{Auditor: j, …})
//
// # The file
//
// One JSON object a line, in the order of its sequence number. A line begins
// with seq and prev, the hash of the line before, and ends with its own hash:
//
//	{"seq":2,"prev":"9f2c…","kind":"begin","trace":"…","time":"…",…,"hash":"51d0…"}
//
// The hash is the SHA-256, in hex, of the line's bytes as far as the comma
// before "hash". The first line is a header; a header in a file that carries
// on from another has that file's last hash as its prev. [Entry] names the
// other members. The patient is there as a keyed HMAC only; payloads and
// tokens are not there at all.
//
// Beside the journal lies a file with .head added to its name. It is what
// processes lock, and it says which line was the last that is known to be on
// disk. To rotate, move the journal away and leave the head file where it is:
// the next line goes to a new file whose header continues the chain.
//
// # What is promised
//
// Begin returns nil only when its line is on disk. Callers who come while the
// disk is busy share the next sync; a caller alone waits for nothing but the
// disk. End waits for nothing: its line is written with the next Begin's, or
// by itself a few milliseconds later, and it is on disk with the next Begin and
// at Close. After a power failure the journal may
// therefore hold a begin without its end, which says that the outcome is not
// known; a process that is killed loses at most the ends of its last moments.
//
// When a write or a sync fails, every Begin that shared it gets the error, and
// what was written is cut off again. The bytes of a failed sync are never
// relied on: the next attempt starts from the last line known to be on disk,
// checks and writes anew whatever stands behind it, and only its own
// successful sync makes Begin succeed again. The first line after that is of
// kind resumed and counts what could not be recorded.
//
// Several processes may have one journal open, on a disk of the same machine.
// Each locks it for one write at a time, and carries on from the line that
// another has written.
//
// What a crash left of a line stays in the file, with the mark #torn behind
// it. The line after that is of kind recovered and has the length and the hash
// of both, so that [Verify] accepts them, and a change in them shows. Whether
// it was a crash, who reads the journal must judge: a Report names each place.
//
// # What is not promised
//
// The chain shows that lines were altered, removed, added or reordered. That
// whole lines are missing at the end shows only where a later [Head] is known:
// from the head file, or better from a place that who can write the journal
// cannot reach. And who can write both files can make a whole new chain, which
// only such a Head contradicts.
package audit
