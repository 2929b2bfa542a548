<?php
declare(strict_types=1);

namespace Shop\Baskets;

use Shop\Clock;
use Shop\Items\{Item, Line as Row};
use function Shop\discount;

/**
 * What a customer is about to buy.
 */
#[Audited("till")]
final class Basket extends Container implements Priced, Named
{
    use Counts, Logs;

    public const LIMIT = 10;
    private static ?int $made = 0;
    private array $items = [];

    public function __construct(private string $name, int $count = 1, ...$rest)
    {
        // Nothing is in it.
        parent::__construct($name);
        self::$made = $count;
    }

    /** Puts one in. */
    #[Pure]
    #[Route("/add")]
    public function add(Item $item): self
    {
        if (count($this->items) >= self::LIMIT) {
            throw new Full("full");
        }
        $this->items[] = $item;
        return $this;
    }

    public function total(array $prices, int &$extra): int
    {
        $sum = 0;
        foreach ($this->items as $key => $item) {
            $sum += $prices[$item->name] * $item->count; // in cents
        }
        switch ($this->mode) {
            case Mode::Gift:
                $sum = 0;
                break;
            default:
                $this->log('plain', $sum);
        }
        $part = match (true) {
            $sum > 10 => 2,
            default => 1,
        };
        try {
            $this->check($sum, $part);
        } catch (Negative $error) {
            $sum = 0;
        } catch (Exception $error) {
            $this->log('failed', $error);
        } finally {
            $this->done();
        }
        if ($sum < 0) {
            $sum = 0;
        } elseif ($sum > $most) {
            $sum = $most;
        } else {
            $sum++;
        }
        return $sum;
    }

    abstract protected function size();
}

interface Priced
{
    public function price(Item $item): int;
}

trait Counts
{
    public function counted() { return count($this->items); }
}

enum Mode: string
{
    case Plain = 'p';
    case Gift = 'g';

    public function label(): string { return ucfirst($this->value); }
}

function settings(): array
{
    return [
        'limit' => Basket::LIMIT,
        'modes' => ['plain', 'gift'],
    ];
}
?>
<html>
  <body>
    <h1><?= $title ?></h1>
    <?php if ($basket): ?>
      <p><?= $basket->name ?></p>
    <?php endif; ?>
  </body>
</html>
