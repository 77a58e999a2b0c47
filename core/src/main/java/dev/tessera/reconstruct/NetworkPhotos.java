package dev.tessera.reconstruct;

import dev.tessera.backbone.ViewImages;
import dev.tessera.imagery.ImageSize;
import dev.tessera.imagery.InputPlan;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.imagery.NetworkPhoto;
import dev.tessera.imagery.NetworkPhotoDecoder;
import dev.tessera.imagery.View;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import dev.tessera.sfm.WorkerPool;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The photos of a chunk as a network takes them: 8-bit pixels of the network's size, so that a
 * thousand of them take less than a gigabyte, and those that cannot be used, with reasons.
 */
final class NetworkPhotos implements ViewImages {
  private final ImageSize size;
  private final List<View> views = new ArrayList<>();
  private final List<NetworkPhoto> photos = new ArrayList<>();
  private final List<Unregistered> unreadable = new ArrayList<>();

  private NetworkPhotos(ImageSize size) {
    this.size = size;
  }

  /**
   * Fetches and decodes all photos, as many at a time as there are workers; the order is that of
   * the views.
   *
   * @throws IOException if a photo cannot be fetched
   */
  static NetworkPhotos of(
      List<View> views,
      NetworkInput input,
      PhotoSource source,
      WorkerPool workers,
      Progress progress)
      throws IOException {
    InputPlan plan = input.plan(views);
    NetworkPhotos result =
        new NetworkPhotos(
            plan.size().orElse(new ImageSize(input.targetPixels(), input.targetPixels())));
    for (InputPlan.Refused refused : plan.refused()) {
      result.leaveOut(refused.view(), refused.detail());
    }
    NetworkPhotoDecoder.Outcome[] outcomes = decoded(plan, input, source, workers, progress);
    for (int i = 0; i < outcomes.length; i++) {
      View view = plan.photos().get(i).view();
      if (outcomes[i] instanceof NetworkPhotoDecoder.Outcome.Prepared prepared) {
        result.views.add(view);
        result.photos.add(prepared.photo());
      } else if (outcomes[i] instanceof NetworkPhotoDecoder.Outcome.Unreadable bad) {
        result.leaveOut(view, bad.reason() + ": " + bad.detail());
      }
    }
    return result;
  }

  private static NetworkPhotoDecoder.Outcome[] decoded(
      InputPlan plan, NetworkInput input, PhotoSource source, WorkerPool workers, Progress progress)
      throws IOException {
    NetworkPhotoDecoder decoder = new NetworkPhotoDecoder(input);
    int count = plan.photos().size();
    NetworkPhotoDecoder.Outcome[] outcomes = new NetworkPhotoDecoder.Outcome[count];
    AtomicInteger done = new AtomicInteger();
    try {
      workers.forEach(
          count,
          i -> {
            InputPlan.Planned photo = plan.photos().get(i);
            outcomes[i] = decoder.decode(source.read(photo.view()), photo);
            progress.at("decode", done.incrementAndGet(), count);
          });
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException unfetched) {
        throw unfetched;
      }
      throw e;
    }
    return outcomes;
  }

  private void leaveOut(View view, String detail) {
    unreadable.add(new Unregistered(view.id(), Unregistered.Reason.UNREADABLE_PHOTO, detail));
  }

  List<Unregistered> unreadable() {
    return unreadable;
  }

  View view(int index) {
    return views.get(index);
  }

  NetworkPhoto photo(int index) {
    return photos.get(index);
  }

  @Override
  public int count() {
    return photos.size();
  }

  @Override
  public int height() {
    return size.height();
  }

  @Override
  public int width() {
    return size.width();
  }

  @Override
  public void read(int view, FloatBuffer into) {
    photos.get(view).writeTo(into);
  }
}
