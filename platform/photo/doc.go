// Package photo takes the photos that people send and makes them fit to keep: a
// picture for the screen, upright, without any of what the phone wrote into it.
//
// For reports, interventions and every form with a photo. [Clean] reads JPEG, PNG,
// WebP and GIF (its first image) and always writes a new JPEG: the place and the
// hour are told to the caller, who keeps them in the record where they can be
// protected, and are gone from the file (Règlement (UE) 2016/679, art. 5, 1, c:
// minimisation). What it cannot read is refused with a [Kind] whose sentence says
// how to send it otherwise. [Blur] covers faces and plates for good, [Thumb] makes
// the small picture of a list.
//
// All input is hostile: sizes are read before pixels, memory and passes are
// bounded, and no more photos are decoded at once than there are processors.
//
// No tables, no events, no rights. The refusals are in [Locales].
package photo
