/**
 * A made-up town with exact cameras: textured ground and buildings, a flight and a drive through
 * it, rendered photos with headers like a real camera's, and perfect tracks without any pixels.
 *
 * <p>World is local east-north-up metres, ground at zero. Everything is a function of seeds.
 */
package dev.tessera.synthetic;
