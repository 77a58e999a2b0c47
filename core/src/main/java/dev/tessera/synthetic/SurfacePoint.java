package dev.tessera.synthetic;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/** A point on a surface of the town and the unit normal there, east-north-up metres. */
public record SurfacePoint(Vec3 position, Vec3 normal) implements Serializable {}
