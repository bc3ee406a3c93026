// Package barometer asks how it went, after any finished request or kept
// appointment, and says honestly what came of it.
//
// For residents without account, for the staff who read and answer, for
// everybody who reads the results. The questions, codes and scores are those of
// « Je donne mon avis » (DINUM), so that results compare; the statistics are
// engine/indicator's. Two indicators of Services Publics+ (engagement no 6) are
// computed from the requests themselves.
//
// An answer cannot be tied to the request it follows: it holds the HMAC of a
// single-use token under the key of the month, and that key is erased after the
// window (GDPR art. 25; see docs/decisions/014). Neither address, nor browser,
// nor hour is kept.
//
// Tables: barometer_topic (services asked about), barometer_key, barometer_token,
// barometer_guard (one invitation per request), barometer_answer,
// barometer_comment, barometer_tally (counts, from which every figure is made),
// barometer_month (frozen months), barometer_action (« ce que nous avons
// changé »), barometer_contact (those who asked to be called back),
// barometer_refusal (those who want no invitation).
// Routes: /avis, /barometre, /bureau/avis. Events heard: dossier.closed,
// appointment.marked. Event: barometer.answered, without subject of a request.
// Rights: barometer.read, .enter, .moderate, .settings.
package barometer
