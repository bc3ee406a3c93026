// Package place holds the places where a territory receives people: town
// halls, houses of solidarity, France services.
//
// For whom: the services that need somewhere to meet, the inhabitant who looks
// for the nearest one. Vocabulary: « lieu » (RDV Service Public), structure
// (France services list, ANCT).
//
// Table: place. No personal data. Rights: place.write (manager, admin).
// Imports: the France services list (Licence Ouverte 2.0) by ImportFranceServices.
package place
