// Package crew holds the teams of a territory (« équipes »): people who take
// work together, in an office or in the street.
//
// For the services that route work to a team: requests, interventions. A crew
// is found by [List], the crews of somebody by [Of].
//
// Tables: crew, crew_member (personal: who is in it, erased when they leave it
// or their account is purged). Routes: /bureau/equipes and below. Rights:
// crew.read (all staff), crew.write (manager, admin).
package crew
