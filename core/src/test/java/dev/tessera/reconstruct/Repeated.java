package dev.tessera.reconstruct;

import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.List;

/** Large chunks of few photos. */
final class Repeated {
  private Repeated() {}

  /** As many views as asked for; that of id i has photo i modulo the number of photos. */
  static ChunkViews views(List<View> photos, int count) {
    List<View> views = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      View photo = photos.get(i % photos.size());
      views.add(
          new View(
              new ViewId(i),
              photo.uri(),
              photo.name(),
              photo.sha256(),
              photo.width(),
              photo.height(),
              photo.exifOrientation(),
              photo.focal(),
              photo.cameraModel(),
              null,
              null));
    }
    return new ChunkViews(new ChunkId(0), null, views);
  }
}
