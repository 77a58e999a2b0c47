/** WGS84 positions and the local east-north-up frame in which a run's world is metric. */
package dev.tessera.geodesy;
