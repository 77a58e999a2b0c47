/**
 * How good a map is: estimated cameras against a reference trajectory, and the one record of
 * numbers that a run reports.
 */
package dev.tessera.evaluate;
