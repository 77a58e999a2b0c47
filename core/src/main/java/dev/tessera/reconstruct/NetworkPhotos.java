package dev.tessera.reconstruct;

import dev.tessera.backbone.ViewImages;
import dev.tessera.imagery.ImageSize;
import dev.tessera.imagery.InputPlan;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.imagery.NetworkPhoto;
import dev.tessera.imagery.NetworkPhotoDecoder;
import dev.tessera.imagery.View;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

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

  /** Fetches and decodes all photos, one at a time. */
  static NetworkPhotos of(
      List<View> views, NetworkInput input, PhotoSource source, Progress progress)
      throws IOException {
    InputPlan plan = input.plan(views);
    NetworkPhotoDecoder decoder = new NetworkPhotoDecoder(input);
    NetworkPhotos result =
        new NetworkPhotos(
            plan.size().orElse(new ImageSize(input.targetPixels(), input.targetPixels())));
    for (InputPlan.Refused refused : plan.refused()) {
      result.leaveOut(refused.view(), refused.detail());
    }
    for (int i = 0; i < plan.photos().size(); i++) {
      InputPlan.Planned planned = plan.photos().get(i);
      NetworkPhotoDecoder.Outcome outcome = decoder.decode(source.read(planned.view()), planned);
      if (outcome instanceof NetworkPhotoDecoder.Outcome.Prepared prepared) {
        result.views.add(planned.view());
        result.photos.add(prepared.photo());
      } else if (outcome instanceof NetworkPhotoDecoder.Outcome.Unreadable bad) {
        result.leaveOut(planned.view(), bad.reason() + ": " + bad.detail());
      }
      progress.at("decode", i + 1, plan.photos().size());
    }
    return result;
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
