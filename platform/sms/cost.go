package sms

// Cost is an amount excluding tax in hundredths of a cent (0.0001 €), because a
// part costs a few cents and a fraction: 0.0456 € is 456.
type Cost int64

// Times returns the cost of n of them.
func (c Cost) Times(n int) Cost { return c * Cost(n) }

// Cents returns the cost in cents, rounded up: an estimate never promises less.
func (c Cost) Cents() int64 { return (int64(c) + 99) / 100 }

// Estimate returns what a text of this kind costs for a number of recipients,
// at perPart for one part.
func Estimate(text string, kind Kind, perPart Cost, recipients int) (Size, Cost) {
	size := Billed(text, kind)
	return size, perPart.Times(size.Parts).Times(recipients)
}
