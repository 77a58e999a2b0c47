/** Tools for people with a checkpoint: what is in it, what the network says, without any Spark. */
package dev.tessera.jobs.model;
