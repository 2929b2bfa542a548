/* The shop. */
package shop.basket;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a customer is about to buy. */
@Deprecated
public final class Basket extends Container implements Priced, Named {
    private static final int LIMIT = 10, STEP = 1;
    private final List<Item> items = new ArrayList<>();
    @Inject private Clock clock;

    static {
        Registry.add(Basket.class);
    }

    // An empty one.
    public Basket() {
        this(LIMIT);
    }

    public Basket(int limit) throws IOException {
        super(limit);
        this.limit = limit;
    }

    /** Puts one in. */
    @Override
    public void add(Item item) {
        requireNonNull(item, "item");
        items.add(item);
    }

    public void add(Item item, int count) {
        for (int i = 0; i < count; i++) {
            add(item);
        }
    }

    @Override
    public <T extends Comparable<T>> long total(final Map<String, T> prices, int... extras) {
        long sum = 0;
        for (Item item : items) {
            sum += item.price() * item.count(); // in cents
        }
        switch (mode) {
            case GIFT:
                sum = 0;
                break;
            case SALE:
                sum -= discount(sum, 10);
                break;
            default:
                log("plain", sum);
        }
        try (Reader reader = open(name); Writer writer = create(name)) {
            copy(reader, writer);
        } catch (IOException | RuntimeException error) {
            log("failed", error);
        } catch (Exception error) {
            throw new IllegalStateException("never", error);
        } finally {
            done();
        }
        if (sum < 0) {
            sum = 0;
        } else if (sum > MOST) {
            sum = MOST;
        }
        return sum;
    }

    int size() {
        return items.stream().filter(item -> item.count() > 0).mapToInt(Item::count).sum();
    }

    enum Mode {
        PLAIN("p"),
        GIFT("g"),
        SALE("s");

        private final String code;

        Mode(String code) {
            this.code = code;
        }
    }

    interface Visitor<R> {
        R visit(Item item, @Nullable Basket basket);

        default void leave() {}
    }

    @interface Audited {
        String[] by() default {"till", "web"};
    }

    record Line(String name, int count) {}
}
