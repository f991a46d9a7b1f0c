package sandbox

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// bombSize is what the gzip-bomb fault unfolds to, in octets.
const bombSize = 512 << 20

// bomb is half a gigabyte of spaces in about half a megabyte of gzip: one megabyte is
// compressed, and its blocks are written again and again, each looking back at the same spaces.
var bomb = sync.OnceValue(func() []byte {
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	var blocks bytes.Buffer
	z, err := flate.NewWriter(&blocks, flate.BestCompression)
	if err != nil {
		return nil
	}
	z.Write(spaces)
	z.Flush() // to an octet's end: what follows can be repeated
	first := blocks.Len()
	z.Write(spaces)
	z.Flush()
	again := bytes.Clone(blocks.Bytes()[first:])
	sum := crc32.Update(crc32.ChecksumIEEE(spaces), crc32.IEEETable, spaces)

	out := bytes.NewBuffer([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff})
	out.Write(blocks.Bytes())
	for n := 2 << 20; n < bombSize; n += len(spaces) {
		out.Write(again)
		sum = crc32.Update(sum, crc32.IEEETable, spaces)
	}
	out.Write([]byte{3, 0}) // an empty last block
	out.Write(binary.LittleEndian.AppendUint32(nil, sum))
	out.Write(binary.LittleEndian.AppendUint32(nil, bombSize))
	return out.Bytes()
})
