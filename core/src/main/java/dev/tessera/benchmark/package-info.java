/**
 * Measures networks and their kernels on the machine at hand. Weights are random: time and memory
 * do not depend on their values. What is compared is measured in one process, in turns.
 */
package dev.tessera.benchmark;
